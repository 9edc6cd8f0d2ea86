"""Numbers and names of our signatures: the one module that writer and judge share.

Rules kept here:
* constants only, no function: `verification` reads this and nothing else of `pades`, so a mistake
  in the writer's code is never repeated by the judge;
* an algorithm that does not stand in a table is neither written nor accepted;
* a size is in bytes unless its name ends in `_DIGITS` (hex digits in the file).
"""

from dataclasses import dataclass

# --- Private arc ---------------------------------------------------------------------------------
# 32473 is the enterprise number that IANA keeps for examples (RFC 5612). Whoever runs this in
# production registers a number of their own and changes this one line before the first key is made.
PRIVATE_ARC = "1.3.6.1.4.1.32473"
OID_POLICY_TEST = PRIVATE_ARC + ".1.1"  # certificate policy: test certificate, proves nobody
OID_AGREEMENT = PRIVATE_ARC + ".2.1"  # extension: SEQUENCE {agreementId UTF8String, documentSha256
#                                       OCTET STRING (32)}, in one-use signer certificates
OID_POLICY_TSA_TEST = PRIVATE_ARC + ".3.1"  # policy in the tokens of the built-in TSA

# --- CMS, CAdES, RFC 3161 ------------------------------------------------------------------------
OID_DATA = "1.2.840.113549.1.7.1"
OID_SIGNED_DATA = "1.2.840.113549.1.7.2"
OID_CONTENT_TYPE = "1.2.840.113549.1.9.3"
OID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
OID_SIGNING_TIME = "1.2.840.113549.1.9.5"  # in tokens only: PAdES forbids it in signatures
OID_TST_INFO = "1.2.840.113549.1.9.16.1.4"
OID_TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14"  # noqa: S105  (an OID, not a secret)
OID_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # v1 (SHA-1 hash): read, never written
OID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"

# --- Certificates --------------------------------------------------------------------------------
OID_EKU_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
OID_EKU_EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"  # pdfsig trusts no certificate without it
OID_EKU_DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"  # RFC 9336
OID_SHORT_TERM = "0.4.0.194121.2.1"  # ETSI EN 319 412-1: valid so briefly that it is never revoked
SIGNER_BACKDATED_SECONDS = 60
SIGNER_VALID_SECONDS = 15 * 60  # whole span of a one-use certificate, the backdating included

# --- Algorithms ----------------------------------------------------------------------------------
OID_SHA256 = "2.16.840.1.101.3.4.2.1"
OID_SHA384 = "2.16.840.1.101.3.4.2.2"
OID_SHA512 = "2.16.840.1.101.3.4.2.3"
OID_EC_PUBLIC_KEY = "1.2.840.10045.2.1"
OID_CURVE_P256 = "1.2.840.10045.3.1.7"
OID_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
OID_ECDSA_SHA384 = "1.2.840.10045.4.3.3"
OID_ECDSA_SHA512 = "1.2.840.10045.4.3.4"
OID_RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
OID_RSA_SHA256 = "1.2.840.113549.1.1.11"
OID_RSA_SHA384 = "1.2.840.113549.1.1.12"
OID_RSA_SHA512 = "1.2.840.113549.1.1.13"

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_SCALAR_BYTES = 32
RSA_MIN_BITS = 2048

# OID of a digest → name in `hashlib`. The first one is what we write.
DIGESTS = {OID_SHA256: "sha256", OID_SHA384: "sha384", OID_SHA512: "sha512"}


@dataclass(frozen=True)
class SignatureAlgorithm:
    """A row of the table: what may stand as signatureAlgorithm of a SignerInfo.

    `key` is `ec` or `rsa`, `digest_oid` the digest that must stand beside it ("" where the
    SignerInfo's digestAlgorithm decides), `curves` the curves allowed (names of `cryptography`).
    """

    name: str
    oid: str
    key: str
    digest_oid: str
    curves: tuple[str, ...] = ()


ECDSA_P256_SHA256 = SignatureAlgorithm(
    "ecdsa-p256-sha256", OID_ECDSA_SHA256, "ec", OID_SHA256, ("secp256r1",)
)
RSA_PKCS1_SHA256 = SignatureAlgorithm("rsa-pkcs1-sha256", OID_RSA_SHA256, "rsa", OID_SHA256)

# A party's signature: the digest of the document is SHA-256, whatever the key.
PARTY_ALGORITHMS = (ECDSA_P256_SHA256, RSA_PKCS1_SHA256)

# A token: what licensed TSAs issue today. RSA with the bare key OID takes the digest beside it.
_NIST_CURVES = ("secp256r1", "secp384r1", "secp521r1")
TOKEN_ALGORITHMS = (
    SignatureAlgorithm("ecdsa-sha256", OID_ECDSA_SHA256, "ec", OID_SHA256, _NIST_CURVES),
    SignatureAlgorithm("ecdsa-sha384", OID_ECDSA_SHA384, "ec", OID_SHA384, _NIST_CURVES),
    SignatureAlgorithm("ecdsa-sha512", OID_ECDSA_SHA512, "ec", OID_SHA512, _NIST_CURVES),
    RSA_PKCS1_SHA256,
    SignatureAlgorithm("rsa-pkcs1-sha384", OID_RSA_SHA384, "rsa", OID_SHA384),
    SignatureAlgorithm("rsa-pkcs1-sha512", OID_RSA_SHA512, "rsa", OID_SHA512),
    SignatureAlgorithm("rsa-pkcs1", OID_RSA_ENCRYPTION, "rsa", ""),
)

# --- The file ------------------------------------------------------------------------------------
FILTER = "Adobe.PPKLite"
SUBFILTER_SIGNATURE = "ETSI.CAdES.detached"
SUBFILTER_TIMESTAMP = "ETSI.RFC3161"
TYPE_SIGNATURE = "Sig"
TYPE_TIMESTAMP = "DocTimeStamp"
ARCHIVE_FIELD = "archive"
RENEWAL_FIELD_PREFIX = "renewal-"  # renewal-2, renewal-3 …: further document timestamps
DOCMDP_PERMISSION = 2  # fill in forms and sign; never 1 (D2)
FIELD_FLAGS = 132  # annotation flags Print (4) and Locked (128)
BYTE_RANGE_WIDTH = 40  # `[0 a c d]` padded with spaces before `]`, so that offsets never move
LOCATION_PREFIX = "text-sha256:"  # /Location: digest of the text that the signer saw (D6)

# --- Reserve of /Contents ------------------------------------------------------------------------
P256_MAX_DER = 72  # longest ECDSA-Sig-Value over P-256
RESERVE_TOKEN = 1_408  # token of the built-in TSA with its certificate, with room
RESERVE_STEP_DIGITS = 64

# --- Limits (rule 10 of the judge; the writer keeps well inside) ---------------------------------
MAX_FILE = 20 * 1024 * 1024
MAX_REVISIONS = 16
MAX_INCREMENT_OBJECTS = 200
MAX_INCREMENT = 64 * 1024
MAX_ARCHIVE_INCREMENT = 256 * 1024
MAX_CERTIFICATES = 8  # in one CMS
MAX_CERTIFICATE = 16 * 1024
MAX_TOKEN = 32 * 1024
MAX_TSA_RESPONSE = 64 * 1024
TOKEN_TOLERANCE_SECONDS = 60  # genTime against our clock when the token is taken
