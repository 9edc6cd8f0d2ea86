"""An enterprise that signs with its own key, certified by a CA of its own (custody `external`)."""

import base64
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from running_service import party_of

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
NO_USAGE = dict.fromkeys(
    [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ],
    False,
)


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


class Enterprise:
    """Its key, the certificate over it, and the CA's root and revocation list."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self._ca_key = ec.generate_private_key(ec.SECP256R1())
        self._ca_name = named(f"{name}自己的 CA")
        self._begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self.root = self._certify(self._ca_name, self._ca_key.public_key(), is_ca=True)
        self.leaf = self._certify(named(name), self.key.public_key(), is_ca=False)

    def certificates(self) -> list[str]:
        """As the API takes them."""
        return [base64.b64encode(self.leaf.public_bytes(DER)).decode()]

    def sign(self, to_be_signed: str) -> str:
        """From base64 to base64, as the API gives and takes."""
        data = base64.b64decode(to_be_signed)
        return base64.b64encode(self.key.sign(data, ec.ECDSA(hashes.SHA256()))).decode()

    def trusted_too(self, trust: Path, folder: Path) -> Path:
        """A copy of a trust folder that trusts this CA as well, and has its revocation list."""
        shutil.copytree(trust, folder)
        (folder / "ca" / "enterprise.pem").write_bytes(self.root.public_bytes(PEM))
        (folder / "ca" / "enterprise.crl").write_bytes(self.revocations().public_bytes(DER))
        return folder

    def _certify(self, subject: x509.Name, public_key, *, is_ca: bool) -> x509.Certificate:
        usage = ("key_cert_sign", "crl_sign") if is_ca else ("content_commitment",)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._ca_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._begin)
            .not_valid_after(self._begin + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**NO_USAGE | dict.fromkeys(usage, True)), critical=True)
        )
        if not is_ca:
            place = x509.UniformResourceIdentifier("http://ca.example/list.crl")
            points = [x509.DistributionPoint([place], None, None, None)]
            made = made.add_extension(x509.CRLDistributionPoints(points), critical=False)
        return made.sign(self._ca_key, hashes.SHA256())

    def revocations(self) -> x509.CertificateRevocationList:
        return (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._ca_name)
            .last_update(self._begin)
            .next_update(self._begin + timedelta(days=7))
            .sign(self._ca_key, hashes.SHA256())
        )


def enterprise_of(body) -> Enterprise:
    """The enterprise that a request names."""
    return Enterprise(party_of(body, "enterprise")["name"])
