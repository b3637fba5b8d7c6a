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


def unseen_pieces(language, num_characters):
    """Return 2,000 pieces of a hidden story, and its floor.

    The last character of a piece is its label. The pieces do not touch and lie in alphabetical order, so that none of them tells
    the label of another; nobody finds the story by trying seeds.
    """
    story, floor = language["tell"](0x3F1C_86A0_D52B_974E_11E8_6B0D_A7C3_5F29, 240_000)
    return sorted(story[start : start + num_characters] for start in range(0, 240_000, 120)), floor


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


def train_and_read(entry, kind, corpus, contexts, vocab_size, num_hiddens, batch_size, num_steps, num_epochs, lr):
    rnn = getattr(nn, kind)(vocab_size, num_hiddens)
    net, _ = entry(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr)
    net.eval()

    def read(ids):
        with torch.no_grad():
            return net(ids, net.begin_state(len(ids), ids.device))[0]

    few, half = contexts[:20], contexts.shape[1] // 2
    changed = few.clone()
    changed[:, half:] = (changed[:, half:] + 5) % vocab_size
    return {
        "next": read(contexts)[-len(contexts) :],
        "early": read(few)[: half * len(few)],
        "early, later characters changed": read(changed)[: half * len(few)],
    }


def better_than_counting(got, kind, corpus, contexts, vocab_size, num_hiddens, batch_size, num_steps, num_epochs, lr, labels, floor):
    scores, early, changed = got["next"], got["early"], got["early, later characters changed"]
    rows = contexts[:20, : contexts.shape[1] // 2].numel()
    for part, shape in ((scores, (len(contexts), vocab_size)), (early, (rows, vocab_size)), (changed, (rows, vocab_size))):
        if not isinstance(part, torch.Tensor) or not part.is_floating_point() or part.shape != shape:
            return Failure(message="the model should give one row of scores for every token, one score for every character")
        if not part.isfinite().all():
            return Failure(message="the scores of the trained model are not finite")
    if (early - changed).abs().max() > 1e-3:
        return Failure(message="the scores of a step change with characters that come later: the model reads the future")
    perplexity = F.cross_entropy(scores.double(), labels).exp().item()
    if perplexity < 0.98 * floor:
        return Failure(message="the model is better on unseen text than its source allows: has it seen the answers?")
    if perplexity <= 1.75:
        return None
    tiers = (
        (2.5, 2 / 3, "better than counting three characters, but not as good as is asked for"),
        (5.0, 1 / 3, "better than counting two characters, but not than counting three"),
        (float("inf"), 0.0, "hardly better than counting two characters, or worse"),
    )
    credit, told = next((credit, told) for limit, credit, told in tiers if perplexity <= limit)
    return Failure(message=f"on unseen text the model is {told}", credit=credit)


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
    pieces, floor = unseen_pieces(language, num_characters=65)
    ids = torch.tensor([[number[character] for character in piece] for piece in pieces])
    for kind in ("RNN", "GRU", "LSTM"):
        yield Case(
            f"six passes of an nn.{kind}, then a new story",
            points=0.8,
            teaching=kind != "LSTM",
            driver=train_and_read,
            check=better_than_counting,
            private={"labels": ids[:, -1], "floor": floor},
            retries=2,
            kind=kind,
            corpus=corpus,
            contexts=ids[:, :-1],
            num_hiddens=64,
            num_epochs=6,
            lr=0.01,
            **sizes,
        )
