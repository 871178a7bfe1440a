"""Racklet's host side: the clients and tools of the rack management controller."""
