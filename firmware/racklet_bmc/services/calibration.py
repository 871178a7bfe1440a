"""What the two power monitors of this unit are off by, in integers.

A reading becomes reading * (1 + gain) + offset. Power is scaled by both gains, and the offsets
shift it by what they are worth at the reading. Energy is scaled by both gains; an offset of
current is not applied to it: 1 uV of a monitor's offset in 5 mOhm is 0.2 mA, worth 1 mW.
"""

_MILLION = 1_000_000


class Calibration:
    """Of one side, "in" or "out": settings v{side}_gain_ppm, v{side}_offset_mv, i{side}_..."""

    def __init__(self, settings: object, side: str) -> None:
        self._settings = settings
        self._side = side

    def apply(self, mv: int, ma: int, mw: int) -> "tuple[int, int, int]":
        """Calibrated millivolts, milliamperes and milliwatts."""
        v_gain, v_offset, i_gain, i_offset = self._terms()
        power = _scaled(_scaled(mw, v_gain), i_gain)
        power += (mv * i_offset + ma * v_offset) // 1000
        return _scaled(mv, v_gain) + v_offset, _scaled(ma, i_gain) + i_offset, power

    def energy_scale(self) -> "tuple[int, int]":
        """What to multiply energy by, as a fraction."""
        v_gain, _, i_gain, _ = self._terms()
        if not v_gain and not i_gain:
            return 1, 1
        return (_MILLION + v_gain) * (_MILLION + i_gain), _MILLION * _MILLION

    def _terms(self) -> "tuple[int, int, int, int]":
        get, side = self._settings.get, self._side
        return (
            get(f"v{side}_gain_ppm"),
            get(f"v{side}_offset_mv"),
            get(f"i{side}_gain_ppm"),
            get(f"i{side}_offset_ma"),
        )


def _scaled(value: int, ppm: int) -> int:
    return value + (value * ppm + _MILLION // 2) // _MILLION
