"""Learns the weights of a reading from examples; the same examples, the same weights.

scikit-learn is loaded where it is used: only the worker that trains needs it.
"""

from collections.abc import Sequence
from typing import Any

from cases.intake.linear import Linear, piece_features, word_features

#: Cost of an error against a wide margin (the C of a linear support vector machine), and when the
#: search is close enough.
_COST, _TOLERANCE = 0.5, 0.01
#: Features kept, the commonest first, and from how many examples a piece must occur twice.
_MOST_WORDS, _MOST_PIECES, _MANY = 8_000, 10_000, 2_000


def learn_weights(texts: Sequence[str], keys: Sequence[str]) -> Linear:
    """Return weights learnt from labelled texts, one against the rest.

    Args:
        texts: The examples.
        keys: Key of the intent of each; empty for "none of these", which must occur, besides
            at least two intents.
    """
    import numpy as np  # noqa: PLC0415  see the module's docstring
    from scipy.sparse import hstack  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    def counted(analyzer: Any, most: int, fewest: int) -> Any:
        return TfidfVectorizer(
            analyzer=analyzer, sublinear_tf=True, max_features=most, min_df=fewest
        )

    words = counted(word_features, _MOST_WORDS, 1)
    pieces = counted(piece_features, _MOST_PIECES, 2 if len(texts) >= _MANY else 1)
    rows = hstack([words.fit_transform(texts), pieces.fit_transform(texts)]).tocsr()
    machine = LinearSVC(C=_COST, tol=_TOLERANCE, random_state=0)
    machine.fit(rows, np.asarray(keys))
    return Linear(
        intents=tuple(str(key) for key in machine.classes_),
        words=tuple(words.get_feature_names_out()),
        pieces=tuple(pieces.get_feature_names_out()),
        frequency=np.concatenate([words.idf_, pieces.idf_]).astype(np.float32),
        weights=machine.coef_.T.astype(np.float32),
        bias=machine.intercept_.astype(np.float32),
    )
