"""Cases and known mistakes of train_ch8."""

import math
import random
from pathlib import Path

import nbformat
import torch
from torch import nn
from torch.nn import functional as F

from grader.authoring import Case, Failure, Limits

from . import assignment


def village():
    """Return what the notebook's own cell defines: the language that the corpus is written in."""
    notebook = nbformat.read(Path(__file__).parents[1] / "04-language-model.ipynb", as_version=4)
    namespace = {"math": math, "random": random}
    exec(next(cell.source for cell in notebook.cells if cell.id == "village"), namespace)  # noqa: S102 - the one source of the corpus
    return namespace


def short_run(entry, kind, corpus, vocab_size, num_hiddens, batch_size, num_steps, num_epochs, lr):
    rnn = getattr(nn, kind)(vocab_size, num_hiddens)
    net, perplexities = entry(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr)
    scores, _ = net(corpus[:6].unsqueeze(0), net.begin_state(1, corpus.device))
    trained = {id(parameter) for parameter in net.parameters()}
    return {
        "perplexities, one an epoch": len(perplexities),
        "the last one is below the first one": float(perplexities[-1]) < float(perplexities[0]),
        "the model contains the given layer": all(id(parameter) in trained for parameter in rnn.parameters()),
        "shape of its scores for six tokens": list(scores.shape),
    }


def train_and_read(entry, kind, corpus, unseen, floor, vocab_size, num_hiddens, batch_size, num_steps, num_epochs, lr):
    rnn = getattr(nn, kind)(vocab_size, num_hiddens)
    net, _ = entry(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr)
    net.eval()

    def read(ids):
        with torch.no_grad():
            return net(ids.unsqueeze(0), net.begin_state(1, ids.device))[0]

    changed = unseen[:200].clone()
    changed[100:] = (changed[100:] + 5) % vocab_size
    return {"scores": read(unseen[:-1]), "early": read(unseen[:200]), "early, later tokens changed": read(changed)}


def better_than_counting(got, kind, corpus, unseen, floor, vocab_size, num_hiddens, batch_size, num_steps, num_epochs, lr):
    scores, early, changed = got["scores"], got["early"], got["early, later tokens changed"]
    expected = ((len(unseen) - 1, vocab_size), (200, vocab_size), (200, vocab_size))
    for part, shape in zip((scores, early, changed), expected, strict=True):
        if not isinstance(part, torch.Tensor) or not part.is_floating_point() or part.shape != shape:
            return Failure(message=f"for {shape[0]} tokens the model should give scores of shape {shape}")
        if not part.isfinite().all():
            return Failure(message="the scores of the trained model are not finite")
    if (early[:100] - changed[:100]).abs().max() > 1e-3 or torch.equal(early[100:], changed[100:]):
        return Failure(message="the scores of a step change with tokens that come later: the model reads the future")
    perplexity = F.cross_entropy(scores.double(), unseen[1:]).exp().item()
    if perplexity < 0.98 * floor:
        return Failure(message=f"perplexity {perplexity:.2f} on unseen text is better than its source allows: has the model seen the answers?")
    for limit, credit in ((2.56, 2 / 3), (6.4, 1 / 3), (float("inf"), 0.0)):
        if 1.65 < perplexity <= limit:
            return Failure(message=f"perplexity {perplexity:.2f} on unseen text; 1.65 or less is asked for", credit=credit)
    return None


@assignment.question(
    "train_ch8",
    points=3,
    depends_on=["begin_state", "RNNModel", "seq_data_iter_sequential", "train_epoch_ch8"],
    limits=Limits(call_seconds=120),
)
def train_ch8(_draw):
    """A trained model, tried on a text that it has not seen"""
    language = village()
    number = {character: index for index, character in enumerate(language["CHARACTERS"])}
    told, _ = language["tell"](7, 40_000)
    corpus = torch.tensor([number[character] for character in told])
    story, floor = language["tell"](92_821, 8_000)
    unseen = torch.tensor([number[character] for character in story])
    sizes = {"vocab_size": len(number), "batch_size": 32, "num_steps": 32}
    yield Case(
        "a short run on the first characters",
        public=True,
        driver=short_run,
        kind="GRU",
        corpus=corpus[:1200],
        num_hiddens=16,
        num_epochs=4,
        lr=0.02,
        **{**sizes, "batch_size": 4, "num_steps": 16},
    )
    yield Case(
        "eight passes, then a new story",
        points=2.5,
        driver=train_and_read,
        check=better_than_counting,
        kind="RNN",
        corpus=corpus,
        unseen=unseen,
        floor=floor,
        num_hiddens=64,
        num_epochs=8,
        lr=0.01,
        **sizes,
    )
