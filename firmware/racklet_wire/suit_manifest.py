"""SUIT manifests of this project's profile: written, read and compared with a board.

draft-ietf-suit-manifest-37: one component, one payload (integrated in the envelope, or
detached), and of the commands override-parameters, fetch and the conditions on vendor,
class, component slot and image; of draft-ietf-suit-update-management-11 that on the version.
Whatever else a manifest says is refused, not ignored.
"""

from . import cbor, image, suit

VENDOR = b"\x60\x62\x2b\x36\x77\xf9\x5d\x7b\x96\x63\x48\x03\x5e\xd3\x67\xd2"
"""uuid5(NAMESPACE_DNS, "racklet.io"); a class id is uuid5(VENDOR, board name)."""

BASE = 1
"""What the base offers to an application: it rises with every release that adds to it. What an
application of an earlier number uses stays. `firmware/tests/images/base_names.txt` lists it."""

# Keys of the manifest and of its common part
_VERSION, _SEQUENCE, _COMMON, _VALIDATE, _INSTALL = 1, 2, 3, 7, 20
_COMPONENTS, _SHARED = 2, 4

# Commands and parameters: a condition compares with the parameter of its own number.
_VENDOR_ID, _CLASS_ID, _IMAGE_MATCH, _COMPONENT_SLOT = 1, 2, 3, 5
_IMAGE_SIZE, _URI, _BASE_VERSION = 14, 21, 28
_OVERRIDE, _FETCH = 20, 21
_CONDITIONS = (_VENDOR_ID, _CLASS_ID, _IMAGE_MATCH, _COMPONENT_SLOT, _BASE_VERSION)
_SHARED_PARAMETERS = _CONDITIONS + (_IMAGE_SIZE,)
_GREATER_EQUAL = 2  # comparison of versions
SEQUENCE_MAX = 0xFFFF_FFFF  # as bus and flash keep it: a larger one would be cut to a smaller
_REPORT_FAILURE, _REPORT_ALL = 2, 15  # report policies, four bits


class Manifest:
    """What a manifest says; `digest` is the SHA-256 of the payload, `slot` mostly None, `base`
    the lowest BASE that it runs on, 0 if any."""

    def __init__(
        self,
        sequence: int,
        digest: bytes,
        size: int,
        *,
        class_id: bytes,
        vendor: bytes = VENDOR,
        component: int = image.FIRMWARE,
        slot: int | None = None,
        base: int = 0,
        uri: str = "#app",
    ) -> None:
        self.sequence = sequence
        self.digest = digest
        self.size = size
        self.class_id = class_id
        self.vendor = vendor
        self.component = component
        self.slot = slot
        self.base = base
        self.uri = uri


def write(manifest: Manifest) -> bytes:
    """The encoding of a manifest."""
    parameters: dict[int, object] = {
        _VENDOR_ID: manifest.vendor,
        _CLASS_ID: manifest.class_id,
        _IMAGE_MATCH: cbor.encode([suit.SHA256, manifest.digest]),
        _IMAGE_SIZE: manifest.size,
    }
    shared = [_OVERRIDE, parameters, _VENDOR_ID, _REPORT_ALL, _CLASS_ID, _REPORT_ALL]
    if manifest.base:
        parameters[_BASE_VERSION] = cbor.encode([_GREATER_EQUAL, [manifest.base]])
        shared += [_BASE_VERSION, _REPORT_ALL]
    if manifest.slot is not None:
        parameters[_COMPONENT_SLOT] = manifest.slot
        shared += [_COMPONENT_SLOT, _REPORT_ALL]
    match_image = [_IMAGE_MATCH, _REPORT_ALL]
    install = [_OVERRIDE, {_URI: manifest.uri}, _FETCH, _REPORT_FAILURE] + match_image
    common = {_COMPONENTS: [[bytes((manifest.component,))]], _SHARED: cbor.encode(shared)}
    return cbor.encode(
        {
            _VERSION: 1,
            _SEQUENCE: manifest.sequence,
            _COMMON: cbor.encode(common),
            _VALIDATE: cbor.encode(match_image),
            _INSTALL: cbor.encode(install),
        }
    )


def read(head: suit.Head) -> Manifest:
    """What the manifest of `head` says; call it only after `suit.authenticate`.

    Refused unless vendor and class are compared first and the image after the fetch and
    again at validation, and nothing is said that this profile does not know.
    """
    _, _, start = cbor.decode_head(head.manifest, 0)
    members = {_VERSION, _SEQUENCE, _COMMON, _VALIDATE, _INSTALL}
    manifest = suit.mapping(head.manifest[start:], members, "manifest")
    if suit.uint(manifest[_VERSION], "manifest version") != 1:
        raise suit.Refused(image.R_UNSUPPORTED, "manifest: version is not 1")
    common = suit.mapping(manifest[_COMMON], {_COMPONENTS, _SHARED}, "common")
    parameters: dict[int, object] = {}
    steps = _run(common[_SHARED], _SHARED_PARAMETERS, parameters, "shared sequence")
    more = [step for step in (_BASE_VERSION, _COMPONENT_SLOT) if step in parameters]
    if steps != [_VENDOR_ID, _CLASS_ID] + more:
        raise suit.Refused(image.R_UNSUPPORTED, "shared sequence: must compare vendor and class")
    if _run(manifest[_VALIDATE], (), parameters, "validate") != [_IMAGE_MATCH]:
        raise suit.Refused(image.R_UNSUPPORTED, "validate: must compare the image")
    if _run(manifest[_INSTALL], (_URI,), parameters, "install") != [_FETCH, _IMAGE_MATCH]:
        raise suit.Refused(image.R_UNSUPPORTED, "install: must fetch and compare the image")
    sequence = suit.uint(manifest[_SEQUENCE], "sequence number")
    if sequence > SEQUENCE_MAX:
        raise suit.Refused(image.R_TOO_LARGE, "sequence number of more than 32 bits")
    slot, base = parameters.get(_COMPONENT_SLOT), parameters.get(_BASE_VERSION)
    result = Manifest(
        sequence,
        suit.sha256_of(parameters[_IMAGE_MATCH]),
        suit.uint(parameters.get(_IMAGE_SIZE), "image size"),
        class_id=suit.octets(parameters.get(_CLASS_ID), 16, "class id"),
        vendor=suit.octets(parameters.get(_VENDOR_ID), 16, "vendor id"),
        component=_component(common[_COMPONENTS]),
        slot=None if slot is None else suit.uint(slot, "component slot"),
        base=0 if base is None else _least(base),
        uri=_uri(parameters[_URI], head),
    )
    if head.payload is not None and result.size != head.payload_size:
        raise suit.Refused(image.R_WRONG_SIZE, "payload is not as long as the manifest says")
    return result


def match(
    manifest: Manifest,
    *,
    component: int,
    class_id: bytes,
    slot: int,
    minimum: int,
    denied: "list[int]",
) -> None:
    """Refused unless the manifest is meant for this component of this board, and new enough.

    `minimum` is the lowest sequence number still accepted: that of the confirmed image.
    """
    if manifest.vendor != VENDOR:
        raise suit.Refused(image.R_WRONG_VENDOR, "made for another vendor's boards")
    if manifest.class_id != class_id:
        raise suit.Refused(image.R_WRONG_CLASS, "made for another kind of board")
    if manifest.component != component:
        raise suit.Refused(image.R_WRONG_CLASS, "made for another component")
    if manifest.base > BASE:
        raise suit.Refused(image.R_BASE, f"needs base {manifest.base}, here is {BASE}")
    if manifest.slot is not None and manifest.slot != slot:
        raise suit.Refused(image.R_WRONG_SLOT, f"made for slot {manifest.slot}, not {slot}")
    if manifest.sequence < minimum:
        raise suit.Refused(image.R_ROLLBACK, f"sequence {manifest.sequence} is below {minimum}")
    if manifest.sequence in denied:
        raise suit.Refused(image.R_DENIED, f"sequence {manifest.sequence} is on the deny-list")


def _run(
    encoded: object, overridable: "tuple[int, ...]", parameters: "dict[int, object]", what: str
) -> "list[int]":
    """The steps of a command sequence; what it overrides is added to `parameters`."""
    commands = suit.decode(encoded, what)
    if not isinstance(commands, list) or len(commands) % 2:
        raise suit.Refused(image.R_MALFORMED, f"{what}: not commands with their arguments")
    steps: list[int] = []
    for at in range(0, len(commands), 2):
        code, argument = suit.uint(commands[at], f"{what}: command"), commands[at + 1]
        if code == _OVERRIDE:
            _override(argument, overridable, parameters, what)
            continue
        if code not in _CONDITIONS and code != _FETCH:
            raise suit.Refused(image.R_UNSUPPORTED, f"{what}: command {code}")
        if (_URI if code == _FETCH else code) not in parameters:
            raise suit.Refused(image.R_MALFORMED, f"{what}: command {code} lacks its parameter")
        if suit.uint(argument, f"{what}: report policy") > _REPORT_ALL:
            raise suit.Refused(image.R_MALFORMED, f"{what}: report policy")
        steps.append(code)
    return steps


def _override(
    argument: object, overridable: "tuple[int, ...]", parameters: "dict[int, object]", what: str
) -> None:
    if not isinstance(argument, dict):
        raise suit.Refused(image.R_MALFORMED, f"{what}: override without parameters")
    for key, value in argument.items():
        # Never twice: what a condition compared must be what is used.
        if not isinstance(key, int) or key not in overridable or key in parameters:
            raise suit.Refused(image.R_UNSUPPORTED, f"{what}: parameter {key}")
        parameters[key] = value


def _component(components: object) -> int:
    """The number in the one component id that this profile has: [[h'NN']]."""
    if isinstance(components, list) and len(components) == 1:
        identifier = components[0]
        if isinstance(identifier, list) and len(identifier) == 1:
            return suit.octets(identifier[0], 1, "component id")[0]
    raise suit.Refused(image.R_UNSUPPORTED, "common: not exactly one component of one part")


def _least(encoded: object) -> int:
    """The number in a version that must be reached: <<[2, [N]]>>."""
    comparison = suit.decode(encoded, "version")
    if isinstance(comparison, list) and len(comparison) == 2:
        kind, version = comparison
        if kind == _GREATER_EQUAL and isinstance(version, list) and len(version) == 1:
            return suit.uint(version[0], "version")
    raise suit.Refused(image.R_UNSUPPORTED, "version: no least number")


def _uri(value: object, head: suit.Head) -> str:
    """Where the payload comes from; `#name` is the integrated payload of that name."""
    if not isinstance(value, str):
        raise suit.Refused(image.R_MALFORMED, "install: the URI is no text")
    if value != head.payload and (head.payload is not None or value[:1] == "#"):
        raise suit.Refused(image.R_MALFORMED, "install: does not fetch the payload that is there")
    return value
