"""What the two power monitors of this unit are off by, in integers, and how well that is known.

A reading becomes reading * (1 + gain) + offset. Power is scaled by both gains, and the offsets
shift it by what they are worth at the reading. Energy is scaled by both gains; an offset of
current is not applied to it: 1 uV of a monitor's offset in 5 mOhm is 0.2 mA, worth 1 mW.
"""

_MILLION = 1_000_000


class Calibration:
    """Of one side, "in" or "out": settings v{side}_gain_ppm, v{side}_offset_mv, i{side}_...

    `monitor` and the tolerance of its shunt say how far a unit as delivered may be off.
    """

    def __init__(
        self, settings: object, side: str, monitor: object = None, shunt_ppm: int = 0
    ) -> None:
        self._settings = settings
        self._side = side
        self._monitor = monitor
        self._shunt_ppm = shunt_ppm
        self._seen = None  # settings.changes that _terms belongs to
        self._terms = ()

    def apply(self, mv: int, ma: int, mw: int) -> "tuple[int, int, int]":
        """Calibrated millivolts, milliamperes and milliwatts."""
        v_gain, v_offset, i_gain, i_offset = self._in_force()
        power = _scaled(_scaled(mw, v_gain), i_gain)
        power += (mv * i_offset + ma * v_offset) // 1000
        return _scaled(mv, v_gain) + v_offset, _scaled(ma, i_gain) + i_offset, power

    def energy_scale(self) -> "tuple[int, int]":
        """What to multiply energy by, as a fraction."""
        v_gain, _, i_gain, _ = self._in_force()
        if not v_gain and not i_gain:
            return 1, 1
        return (_MILLION + v_gain) * (_MILLION + i_gain), _MILLION * _MILLION

    def channel(self, quantity: str) -> "tuple[int, int, int, int, int, int]":
        """Of "v" or "i", in the order of blocks.PAGES' CALIBRATION:

        (gain in ppm, offset in mV or mA, day, uncertainty in ppm of the reading, and in uV or
        uA, what the clock of the energy count may be off in ppm).
        """
        v_gain, v_offset, i_gain, i_offset = self._in_force()
        gain, offset = (v_gain, v_offset) if quantity == "v" else (i_gain, i_offset)
        name, get = quantity + self._side, self._settings.get
        day = get(name + "_calibrated_day")
        if day:
            ppm = get(name + "_uncertainty_ppm")
            micro = get(name + "_uncertainty_u" + ("v" if quantity == "v" else "a"))
        elif quantity == "v":
            ppm, micro = self._monitor.BUS_ERROR
        else:
            ppm, micro = self._monitor.shunt_error()
            ppm += self._shunt_ppm
        return gain, offset, day, ppm, micro, self._monitor.CLOCK_PPM

    def _in_force(self) -> "tuple[int, int, int, int]":
        """Looked up only after the settings changed: it is asked for several times a second."""
        settings = self._settings
        if settings.changes != self._seen:
            self._seen = settings.changes
            names = "v{}_gain_ppm", "v{}_offset_mv", "i{}_gain_ppm", "i{}_offset_ma"
            self._terms = tuple([settings.get(name.format(self._side)) for name in names])
        return self._terms


def _scaled(value: int, ppm: int) -> int:
    return value + (value * ppm + _MILLION // 2) // _MILLION if ppm else value
