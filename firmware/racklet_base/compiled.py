"""What MicroPython's compiler does better when it is told, and CPython need not know.

`const`: a private constant is folded, so it takes no RAM and no look-up by name. One a line and
with a leading underscore, else the name stays.

`@micropython.viper`: machine code on machine words; there `ptr8(x)`, `ptr16(x)`, `ptr32(x)` are
its own types. CPython runs the same lines on the buffers themselves.
"""

try:
    from micropython import const

    micropython = ptr8 = ptr16 = ptr32 = None  # the compiler knows them
except ImportError:

    class micropython:  # noqa: N801 - as it is spelled there
        @staticmethod
        def viper(function: "callable") -> "callable":
            return function

    def const(value: int) -> int:
        return value

    def ptr8(buffer: object) -> object:
        return buffer

    ptr16 = ptr32 = ptr8
