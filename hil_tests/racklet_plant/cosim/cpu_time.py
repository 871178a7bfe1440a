"""How much of the computer's processor a running process has had."""

import os
import re
import subprocess
from pathlib import Path

# Behind the name of the program, which is in parentheses and may hold anything: proc(5), stat,
# fields 14 and 15 of which the first two stand before.
_UTIME, _STIME = 11, 12


def cpu_time_s(pid: int) -> float:
    """Seconds, user and system, of a process that has not been reaped."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[_UTIME]) + int(fields[_STIME])) / os.sysconf("SC_CLK_TCK")
    told = subprocess.run(
        ["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    seconds = 0.0
    for part in re.findall(r"[\d.]+", told.stdout):  # [[days-]hours:]minutes:seconds
        seconds = seconds * 60 + float(part)
    return seconds
