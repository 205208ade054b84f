"""National numbers, driving licences and passports in a folded text; pure.

Where a number has check digits they must fit. A form that business ids share counts only
near a word that names it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import itin, ssn
from stdnum.za import idnr as za_id

from orchestra.core.personal.around import before, words
from orchestra.core.personal.folding import count_digits
from orchestra.core.personal.types import Find, Kind


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """One country's number.

    Attributes:
        label: Country and name, such as ``us_ssn``.
        form: What it looks like, without what stands around it.
        is_valid: Whether digits and letters of that form make such a number.
        names: Words that name it; without ``alone`` one of them must stand before it.
        alone: Whether form and check digits say enough where no word names it.
    """

    label: str
    form: str
    is_valid: Callable[[str], bool]
    names: re.Pattern[str]
    alone: bool = False


def _always(_number: str) -> bool:
    return True


#: In order of how much the form says; of numbers at the same place the first one counts.
NUMBERS = (
    NationalNumber("us_ssn", r"\d{3}-\d{2}-\d{4}", ssn.is_valid, words("ssn"), alone=True),
    NationalNumber("us_itin", r"9\d{2}-\d{2}-\d{4}", itin.is_valid, words("itin"), alone=True),
    NationalNumber(
        "gb_nino",
        r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d{2} ?){3}[A-D]",
        _always,
        words("nino", "national insurance"),
        alone=True,
    ),
    NationalNumber(
        "it_codice_fiscale",
        r"[A-Z]{6}[\dLMNP-V]{2}[A-EHLMPR-T][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]",
        codicefiscale.is_valid,
        words("codice fiscale"),
        alone=True,
    ),
    NationalNumber(
        "mx_curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", curp.is_valid, words("curp"), alone=True
    ),
    NationalNumber(
        "fr_nir",
        r"[1-478] ?\d{2} ?(?:\d{2}) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}[ /-]?\d{2}",
        nir.is_valid,
        words("nir", "insee", r"sécurité sociale"),
        alone=True,
    ),
    NationalNumber("es_nie", r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid, words("nie"), alone=True),
    NationalNumber(
        "es_dni", r"\d{2}\.?\d{3}\.?\d{3}[- ]?[A-Z]", dni.is_valid, words("dni", "nif"), alone=True
    ),
    NationalNumber("ie_pps", r"\d{7}[A-W][A-IW]?", pps.is_valid, words("ppsn?"), alone=True),
    NationalNumber(
        "fi_hetu", r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]", hetu.is_valid, words("hetu"), alone=True
    ),
    NationalNumber(
        "ch_ahv", r"756\.?\d{4}\.?\d{4}\.?\d{2}", ahv.is_valid, words("ahv", "avs"), alone=True
    ),
    NationalNumber(
        "br_cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid, words("cpf"), alone=True
    ),
    NationalNumber("br_cpf", r"\d{11}", cpf.is_valid, words("cpf")),
    NationalNumber(
        "cl_rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", rut.is_valid, words("rut"), alone=True
    ),
    NationalNumber(
        "be_nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", nn.is_valid, words("nn"), alone=True
    ),
    NationalNumber(
        "be_nn", r"\d{11}", nn.is_valid, words("rijksregister(?:nummer)?", "registre national")
    ),
    NationalNumber(
        "se_personnummer",
        r"(?:19|20)?\d{6}[-+]\d{4}",
        personnummer.is_valid,
        words("personnummer"),
        alone=True,
    ),
    NationalNumber("dk_cpr", r"\d{6}-\d{4}", cpr.is_valid, words("cpr(?:-nummer)?"), alone=True),
    NationalNumber("cz_rc", r"\d{6}/\d{3,4}", rc.is_valid, words("rodné číslo"), alone=True),
    NationalNumber("ro_cnp", r"[1-9]\d{12}", cnp.is_valid, words("cnp"), alone=True),
    NationalNumber(
        "no_fodselsnummer",
        r"\d{6} ?\d{5}",
        fodselsnummer.is_valid,
        words("f[øo]dselsnummer", "personnummer"),
        alone=True,
    ),
    NationalNumber(
        "gb_nhs", r"\d{3} \d{3} \d{4}", nhs.is_valid, words("nhs"), alone=True
    ),
    NationalNumber("gb_nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}", nhs.is_valid, words("nhs")),
    NationalNumber(
        "de_idnr",
        r"\d{2} \d{3} \d{3} \d{3}",
        idnr.is_valid,
        words("steuer-?id"),
        alone=True,
    ),
    NationalNumber(
        "de_idnr",
        r"\d{11}",
        idnr.is_valid,
        words(r"steuer-?(?:id|nummer|identifikationsnummer|nr)\.?", "id-?nr", "tax id", "tin"),
    ),
    NationalNumber("nl_bsn", r"\d{4}\.?\d{2}\.?\d{3}", bsn.is_valid, words("bsn", "sofi(?:nummer)?",
        "burgerservicenummer")),
    NationalNumber("pl_pesel", r"\d{11}", pesel.is_valid, words("pesel")),
    # Written without their joint, these look like anything, so they have to be named.
    NationalNumber("se_personnummer", r"(?:19|20)?\d{10}", personnummer.is_valid,
        words("personnummer")),
    NationalNumber("dk_cpr", r"\d{10}", cpr.is_valid, words("cpr(?:-nummer)?")),
    NationalNumber("za_id", r"\d{6} ?\d{4} ?\d{2} ?\d", za_id.is_valid,
        words("id", "identity", "sa id")),
    NationalNumber("ee_isikukood", r"[1-6]\d{10}", ik.is_valid, words("isikukood")),
    NationalNumber("hr_oib", r"\d{11}", oib.is_valid, words("oib")),
    NationalNumber("gr_amka", r"\d{11}", amka.is_valid, words("amka")),
    NationalNumber("tr_tckn", r"\d{11}", tckimlik.is_valid, words("tc", "tckn", "kimlik")),
    NationalNumber("at_svnr", r"\d{4} ?\d{6}", vnr.is_valid, words("svnr", "sozialversicherung"
        "(?:snummer)?", "sv-?nummer")),
    NationalNumber("pt_nif", r"\d{3} ?\d{3} ?\d{3}", nif.is_valid, words("nif", "contribuinte")),
    NationalNumber(
        "in_aadhaar", r"\d{4}[ -]?\d{4}[ -]?\d{4}", aadhaar.is_valid, words("aadhaar", "uidai")
    ),
    NationalNumber(
        "ca_sin", r"\d{3}[ -]?\d{3}[ -]?\d{3}", sin.is_valid, words("sin", "social insurance")
    ),
    NationalNumber("au_tfn", r"\d{3} ?\d{3} ?\d{2,3}", tfn.is_valid, words("tfn", "tax file")),
    NationalNumber(
        "us_ssn",
        r"\d{3}[ .]?\d{2}[ .]?\d{4}",
        ssn.is_valid,
        words("ssn", r"social security(?: (?:number|no\.?|#))?", "social"),
    ),
)  # fmt: skip

_PATTERNS = tuple(
    re.compile(rf"(?<![\w#.+•-])(?:{number.form})(?![\w-]|\.\d)", re.IGNORECASE)
    for number in NUMBERS
)
#: Whether any of them stands in a text at all: one pass instead of one for each country.
_ANY = re.compile(
    rf"(?<![\w#.+•-])(?:{'|'.join(number.form for number in NUMBERS)})(?![\w-]|\.\d)",
    re.IGNORECASE,
)
#: Numbers whose punctuation says something: a century, or the kind of number.
_PUNCTUATED = frozenset({"fi_hetu", "se_personnummer", "us_ssn", "us_itin", "cl_rut"})
_SMALL = re.compile(r"[ ./-]")
_LICENCE = re.compile(
    r"(?<!\w)(?:driv(?:er'?s?|er\u2019s|ing) ?licen[cs]e|dl|führerschein|permis de conduire"
    r"|rijbewijs|carnet de conducir)(?: ?(?:number|no\.?|num|#|nummer))?[ ]?(?:is|was)?"
    r"[\s:=#-]{0,4}(?P<number>[a-z]{0,5}[\d][a-z\d]*(?:[ -][a-z]?\d[\da-z]*){0,4})(?!\w)",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<!\w)(?:passport|reisepass|passeport|pasaporte|paspoort)"
    r"(?: ?(?:number|no\.?|num|#|nummer))?[ ]?(?:is|was)?"
    r"[\s:=#-]{0,4}(?P<number>[a-z]{0,2}\d{6,9}|[cfghjklmnprtvwxyz\d]{9})(?!\w)",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 5
_LONG_WORD = re.compile(r"\w{16}")


def find_identities(text: str) -> Iterator[Find]:
    """Yield national numbers, driving licences and passports."""
    if not has_room(text):
        return
    if may_hold_national(text):
        yield from _national(text)
    yield from _documents(text, _LICENCE, Kind.DRIVING_LICENCE)
    yield from _documents(text, _PASSPORT, Kind.PASSPORT)


def has_room(text: str) -> bool:
    """Return whether a text has the digits of any number: a first look, at what most lack.

    The Italian number may have letters for its digits, and is one word.
    """
    return count_digits(text) >= _FEWEST_DIGITS or _LONG_WORD.search(text) is not None


def may_hold_national(text: str) -> bool:
    """Return whether the form of some country's number stands in a text."""
    return _ANY.search(text) is not None


def _national(text: str) -> Iterator[Find]:
    for number, pattern in zip(NUMBERS, _PATTERNS, strict=True):
        for found in pattern.finditer(text):
            confidence = _confidence(text, found, number)
            if confidence:
                yield Find(Kind.NATIONAL_ID, found.start(), found.end(), confidence, number.label)


def _confidence(text: str, found: re.Match[str], number: NationalNumber) -> float:
    """Return how sure it is that a form is the number; 0 where it is not."""
    plain = _SMALL.sub("", found[0]) if number.label not in _PUNCTUATED else found[0]
    if not number.is_valid(plain.upper()):
        return 0.0
    if number.names.search(before(text, found.start())):
        return 0.97
    return 0.85 if number.alone else 0.0


def _documents(text: str, pattern: re.Pattern[str], kind: Kind) -> Iterator[Find]:
    for found in pattern.finditer(text):
        if sum(one.isdigit() for one in found["number"]) >= _FEWEST_DIGITS:
            yield Find(kind, found.start("number"), found.end("number"), 0.7)
