"""What a grammar allows next, for the transformers path; llguidance is also what llama.cpp reads JSON Schemas with."""

from __future__ import annotations

import json
from typing import Any

from plugins_builtin.language.backend import BadGrammar, tight
from plugins_builtin.weights import first_line


def reader(tokenizer: Any, vocabulary: int, ends: set[int]) -> Any:
    """What turns tokens into the bytes that grammars speak of; made once for a tokenizer."""
    import llguidance.hf

    return llguidance.hf.from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=sorted(ends) or None)


def check_schema(json_schema: str) -> None:
    """Raise `BadGrammar` for a schema that cannot be followed; llama.cpp would write as if there were none."""
    from llguidance import LLMatcher

    try:
        problem = LLMatcher.validate_grammar(LLMatcher.grammar_from_json_schema(json.dumps(tight(json_schema))))
    except Exception as error:  # the parser's own, of several kinds
        problem = first_line(error)
    if problem:
        raise BadGrammar(first_line(ValueError(problem)))


class Follower:
    """One text that follows a JSON Schema or a GBNF grammar, token by token."""

    def __init__(self, reader: Any, json_schema: str, grammar: str) -> None:
        """Raises `BadGrammar` where the schema or grammar cannot be used."""
        from llguidance import LLMatcher
        from llguidance.gbnf_to_lark import any_to_lark

        try:
            rules = (
                LLMatcher.grammar_from_json_schema(json.dumps(tight(json_schema)))
                if json_schema
                else LLMatcher.grammar_from_lark(any_to_lark(grammar))
            )
            self._matcher = LLMatcher(reader, rules)
        except Exception as error:  # parsers of three languages, each with errors of its own
            raise BadGrammar(first_line(error)) from error
        if self._matcher.is_error():
            raise BadGrammar(first_line(ValueError(self._matcher.get_error())))

    def mask(self, scores: Any) -> Any:
        """`scores` (float tensor of shape (vocabulary,)) with what the grammar forbids at minus infinity."""
        import numpy as np
        import torch

        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        allowed = torch.from_numpy(np.unpackbits(bits, bitorder="little")[: scores.numel()].astype(bool))
        if len(allowed) < scores.numel():
            allowed = torch.cat([allowed, torch.zeros(scores.numel() - len(allowed), dtype=torch.bool)])
        return scores.masked_fill(~allowed, float("-inf")) if bool(allowed.any()) else scores

    def take(self, token: int) -> bool:
        """Note a token; False where the text is complete with it, or cannot go on."""
        return bool(self._matcher.consume_token(token)) and not self._matcher.is_stopped()
