"""What was typed, made clean, and the wording of what is wrong with it."""


def choose(sentence: str) -> dict[str, str]:
    """Error messages of a choice: nothing chosen and something made up are told the same way."""
    return {"required": sentence, "invalid_choice": sentence}
