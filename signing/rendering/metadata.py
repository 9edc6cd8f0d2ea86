"""What the file says of itself: information dictionary, XMP, attachments (ISO 19005-3 §6.6, §6.8).

Rules kept here:
* Info and XMP say the same: title, author, creator, producer, both dates;
* every date is the agreement's `created_at`: no clock is read;
* the XMP stream lies uncompressed and is never touched again by a signature;
* contract.html is the Source, agreement.json (RFC 8785 bytes) the Data of the document.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from signing.pades.dictionary import text
from signing.rendering.fontobjects import stream

CREATOR = "signing"
PRODUCER = "signing rendering"

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>{conformance}</pdfaid:conformance>{accessible}
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<xmp:CreateDate>{created}</xmp:CreateDate>
<xmp:ModifyDate>{created}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


_ACCESSIBLE = """
<pdfuaid:part xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">1</pdfuaid:part>
<pdfaExtension:schemas xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><rdf:Bag>
<rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>"""
"""The claim of PDF/UA-1, with its schema, which PDF/A does not know of itself (6.6.2.3)."""


@dataclass(frozen=True)
class Metadata:
    """Title, author (the enterprise) and time of making (aware) of an agreement."""

    title: str
    author: str
    created_at: datetime

    @property
    def date(self) -> bytes:
        """The time as a PDF date in UTC (ISO 32000-2 §7.9.4)."""
        return self.created_at.astimezone(UTC).strftime("(D:%Y%m%d%H%M%SZ)").encode()

    def info(self) -> bytes:
        """The document information dictionary."""
        return b"<</Title%s/Author%s/Creator%s/Producer%s/CreationDate%s/ModDate%s>>" % (
            text(self.title),
            text(self.author),
            text(CREATOR),
            text(PRODUCER),
            self.date,
            self.date,
        )

    def xmp(self, *, conformance: str, is_accessible: bool) -> bytes:
        """The metadata stream of PDF/A-3, level `conformance`, and of PDF/UA-1 where it is."""
        packet = _XMP.format(
            conformance=conformance,
            accessible=_ACCESSIBLE if is_accessible else "",
            title=escape(self.title),
            author=escape(self.author),
            creator=CREATOR,
            producer=PRODUCER,
            created=self.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ).encode()
        return b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (
            len(packet),
            packet,
        )


@dataclass(frozen=True)
class Attachment:
    """A file inside the file. `relationship` is a name of ISO 19005-3 §6.8: Source, Data."""

    name: str
    mime_type: str
    relationship: str
    description: str

    def specification(self, file_number: int) -> bytes:
        """The file specification dictionary."""
        name = text(self.name)
        return b"<</Type/Filespec/F%s/UF%s/EF<</F %d 0 R/UF %d 0 R>>/AFRelationship/%s/Desc%s>>" % (
            name,
            name,
            file_number,
            file_number,
            self.relationship.encode(),
            text(self.description),
        )

    def embedded(self, content: bytes, date: bytes) -> bytes:
        """The embedded file stream; both its dates are the agreement's."""
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest().encode()
        extra = b"/Type/EmbeddedFile/Subtype/%s/Params<</Size %d/CheckSum<%s>" % (
            self.mime_type.replace("/", "#2F").encode(),
            len(content),
            digest,
        )
        return stream(content, extra + b"/CreationDate%s/ModDate%s>>" % (date, date))


CONTRACT_HTML = Attachment("contract.html", "text/html", "Source", "合同原文")
AGREEMENT_JSON = Attachment("agreement.json", "application/json", "Data", "合同数据")
"""Both attachments, in the order of the name tree after sorting by name: agreement, contract."""
