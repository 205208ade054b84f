"""The words in a pack that its reader, who has no access to anything here, begins with; pure."""

README = """Evidence from the ledger {origin}
{title}
{span}

What this is
  {entries} entries of an append-only record, each with a proof that it stands in the record
  whose root was signed in checkpoint.txt. It is evidence for whoever judges a requirement, not
  a statement that the requirement is met.

How to check it
  1. Unpack. verifier.py is one file of Python, meant to be read. It needs Python 3.9 or newer,
     and neither our software nor a network.
  2. Compare the key with the one you were given another way, by phone or on paper:
     {key}
     Compare the SHA-256 of this file, too, with the one you were told.
  3. Run:   python verifier.py .
     or, with the key you were given:   python verifier.py . --key KEY
     and, with an older checkpoint in your hand:   python verifier.py . --checkpoint FILE
     Every line must end in ok. It ends with code 0 when all is well, with 1 when something is
     not (it then names the file and the line), and with 2 when there is no pack to read, or no
     key or checkpoint where one was named.
  4. Draw your own sample: index.csv lists every entry and its line in entries.jsonl.

The files
  entries.jsonl      each entry: its exact bytes (base64), their hash, its place and its proof
  payloads.jsonl     what was recorded, where it may be shown, with the salt of its commitment
  redactions.jsonl   what is not shown, and why; its commitment stays, so it can be opened later
                     for one reader and will match. "masked" is what remains of it after names
                     and texts are taken out; that part cannot be proved, only the whole can.
  streams.jsonl      for each stream (a case, say) whether all of it is here or only a part
  index.csv          all entries as a table
  checkpoint.txt     the signed size and root of the whole record
  consistency.jsonl  proofs that the record only grew since earlier exports
  keys.txt           the keys that sign, each with the checkpoints it signs: from how many
                     entries to how many. A checkpoint signed by a key outside its span is
                     refused, so a key that was given up years ago cannot speak for today.
  gaps.txt           what the record does not hold everywhere, and the explanations given
  manifest.json      every file with its digest, who asked for this, when, and what for
  manifest.sha256    its digest, and a mark of each of its lines
  manifest.sig       its digest, signed by the key of the record: nobody else can make another

What it proves, and what not
  It proves that what is here was not changed, thinned or reordered since it was written.
  A stream marked whole is gapless from its first entry to its last before the checkpoint. A
  stream that was sealed says how many entries stood before the seal and which was the last; in
  a pack of one case all of them have to be here.
  A stream marked as a part proves what is here; it does not prove what is absent.
  {cover}
  It cannot prove that what was written was true.
"""

COVERED = (
    "Every entry of the record in this period is here, in its place, with the one before and\n"
    "  the one after: nothing that happened in it was left out."
)
NOT_COVERED = "Entries outside the scope are not here, and nothing is said about them."
EMPTY = "No change in this period. The entries here prove that the period is covered."
LARGE = "The period holds too many other entries to show them all, so absence is not proved."
