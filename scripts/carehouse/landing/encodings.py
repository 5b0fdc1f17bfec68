"""Which character set a text file is in, where its bytes say so for certain.

UTF-8, UTF-16 with its mark, and Windows-1252 (cp1252) where no other reading makes sense. A seed
may say it for a feed.
"""

import codecs
import re
from pathlib import Path

from carehouse.errors import Refused

BLOCK = 2**20
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SIGNS = "€‚„…‘’“”–—™ £©«®°·»´§½²³µ¿¡"
LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŸŠšŽž"
# languages that are written in cp1250, in lower case: a file that could be one is not told apart
CENTRAL = {
    "Czech and Slovak": "áäčďéěíĺľňóôŕřšťúůýž",
    "Polish": "ąćęłńóśźż",
    "Hungarian": "áéíóöőúüű",
    "Croatian and Slovenian": "čćđšž",
    "Romanian": "ăâîşţșț",
}


def find_encoding(path: Path, stated: str | None = None) -> str:
    """`utf-8`, or another Python codec. Raises Refused where the bytes leave it open."""
    if stated:
        try:
            return codecs.lookup(stated).name
        except LookupError:
            raise Refused(
                f"is said to be in {stated!r}, which is no character set: try cp1252"
            ) from None
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in MARKS:
            if start.startswith(mark):
                return encoding
        if start[1:2] == b"\0" or start[:1] == b"\0":
            raise Refused("is UTF-16 without its mark, or no text: save it as CSV UTF-8")
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
            return "utf-8"  # a letter cut off at the very end is for the reader to name
        except UnicodeDecodeError:
            pass
    return _western(path)


def _western(path: Path) -> str:
    high: set[bytes] = set()
    odd = utf8_letters = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            utf8_letters += len(re.findall(rb"[\xc3-\xc5][\x80-\xbf]", block))
            odd += len(re.findall(rb"[\x80-\xff]{3}", block))
            high.update(re.findall(rb"[\x80-\xff]", block))
    if utf8_letters:
        return "utf-8"  # damaged, or of two kinds: its reader names the row
    try:
        readings = [(byte.decode("cp1252"), byte.decode("cp1250").lower()) for byte in high]
    except UnicodeDecodeError:
        readings = []
    if odd or not readings or {western for western, _ in readings} - set(SIGNS + LETTERS):
        return "utf-8"  # no letters of Western Europe: its reader names the row
    central = {other for _, other in readings if other.isalpha()}
    if any(western.lower() != other for western, other in readings):
        for language, alphabet in CENTRAL.items():
            if central <= set(alphabet):
                raise Refused(
                    f"is not UTF-8 and may be Windows-1252 or Windows-1250 ({language}): save it "
                    "as CSV UTF-8, or name its character set in the column encoding of "
                    "claim_feeds.csv or clinic_file_formats.csv"
                )
    return "cp1252"


def written_as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """A copy in UTF-8, in `folder`. Raises Refused where a byte is none of the character set."""
    target = folder / f"{path.stem[:40].encode('ascii', 'replace').decode()}.utf-8"
    with (
        path.open(encoding=encoding, newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        try:
            while block := source.read(BLOCK):
                out.write(block)
        except UnicodeError:
            raise Refused(
                f"is damaged: not all of it is {encoding}: save it as CSV UTF-8"
            ) from None
    return target
