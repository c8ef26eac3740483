"""Texts that their members write together: the server numbers the edits, and everyone gets them in that order."""

import re
from dataclasses import dataclass

LENGTH_MAX = 65_536
EDIT = re.compile(r"(\d{1,9}) (\d{1,9}) ([ -~]{0,1024})", re.ASCII)


@dataclass
class Document:
    number: int = 0
    text: str = ""

    def as_message(self) -> str:
        return f"document {self.number:010} {self.text}"

    def edit(self, written: str) -> str | None:
        """Takes an edit in, and gives what all members are to be told; nothing where it is no edit."""
        edit = EDIT.fullmatch(written)
        if edit is None:
            return None
        at, deleted, inserted = int(edit[1]), int(edit[2]), edit[3]
        self.number += 1
        # What lies beyond the text's end counts as the end, and no text grows beyond its greatest length.
        self.text = (self.text[:at] + inserted + self.text[at + deleted :])[:LENGTH_MAX]
        return f"edit {self.number:010} {written}"
