"""Image transfer as the bus names it: components, commands, states and refusal reasons.

A transfer is one stream of bytes: the SUIT envelope, then the payload. It goes in numbered
chunks of CHUNK bytes, the last one padded with zeros; the number is that of the chunk in the
stream, modulo 65,536, and the BMC takes the chunk it expects next and ignores one it has.
"""

CHUNK = 30

# Components
FIRMWARE = 0  # into the slot that is not running
COMPUTE = 1  # envelope of a compute payload, then the 32 bytes of its measured SHA-256
KEYS = 2  # a signed key manifest; no payload

# Commands
COMMAND_FINISH = 1  # all bytes were sent: verify
COMMAND_ACTIVATE = 2  # restart into the verified image, on trial
COMMAND_CONFIRM = 3  # keep the image on trial; raises the anti-rollback minimum
COMMAND_REVERT = 4
COMMAND_ABORT = 5

# States
IDLE = 0
RECEIVING = 1
VERIFYING = 2
VERIFIED = 3
REFUSED = 4
ACTIVATING = 5
TRIAL = 6
CONFIRMED = 7
REVERTED = 8

STATE_TEXT = (
    "idle",
    "receiving",
    "verifying",
    "verified",
    "refused",
    "activating",
    "on trial",
    "confirmed",
    "reverted",
)

# Reasons
R_NONE = 0
R_BAD_SIGNATURE = 1
R_UNKNOWN_KEY = 2
R_REVOKED_KEY = 3
R_WRONG_VENDOR = 4
R_WRONG_CLASS = 5
R_WRONG_SLOT = 6
R_ROLLBACK = 7
R_DENIED = 8
R_DIGEST_MISMATCH = 9
R_WRONG_SIZE = 10
R_MALFORMED = 11
R_UNSUPPORTED = 12
R_TOO_LARGE = 13
R_INCOMPLETE = 14
R_FLASH = 15
R_NO_TRANSFER = 16
R_STALE_GENERATION = 17
R_NOT_VERIFIED = 18
R_TRIAL_EXPIRED = 19
R_CRASHED = 20
R_SELF_TEST = 21
R_ABORTED = 22
R_BUSY = 23
R_NO_KEYS = 24
R_BAD_ALGORITHM = 25
R_BASE = 26

REASON_TEXT = (
    "none",
    "bad signature",
    "unknown key",
    "revoked key",
    "wrong vendor",
    "wrong class",
    "wrong slot",
    "sequence too old (rollback)",
    "denied version",
    "digest mismatch",
    "wrong size",
    "malformed",
    "unsupported command in manifest",
    "too large",
    "incomplete",
    "flash failed",
    "no transfer",
    "the BMC restarted since",
    "not verified",
    "trial expired",
    "crashed on trial",
    "self-test failed",
    "aborted",
    "busy",
    "no key provisioned",
    "algorithm not allowed",
    "base too old",
)
