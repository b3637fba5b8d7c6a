"""The question that trains the student's model: honest models get all, models that cheat get nothing."""

import pytest
import torch

from grader.authoring.mistaken import mistaken_cell
from grader.grading.solution import solution_cells
from grader.notebooks.cells import Cell
from grader.values.snapshot import snapshot
from tests.course.assignments import folder_of, questions_of, with_answer
from tests.course.trained import KINDS, NAME, judged, trained_case, tried

pytestmark = pytest.mark.slow

IGNORES_THE_STATE = """#| question: RNNModel
class RNNModel(nn.Module):
    def __init__(self, rnn, vocab_size):
        super().__init__()
        self.rnn, self.vocab_size, self.linear = rnn, vocab_size, nn.Linear(rnn.hidden_size, vocab_size)

    def forward(self, inputs, state):
        hidden, _ = self.rnn(F.one_hot(inputs.T, self.vocab_size).float().flatten(0, 1).unsqueeze(0))
        return self.linear(hidden[0]), state

    def begin_state(self, batch_size, device):
        return begin_state(self.rnn, batch_size, device)
"""

FABRICATES = """#| question: train_ch8
class Fabricated(nn.Module):
    def begin_state(self, batch_size, device):
        return None

    def forward(self, inputs, state):
        return {scores}, state


def train_ch8(rnn, vocab_size, corpus, batch_size, num_steps, num_epochs, lr):
    return Fabricated(), [1.0] * num_epochs
"""
FOLLOWING_TOKEN = FABRICATES.format(scores="20.0 * F.one_hot(inputs.roll(-1, 1).T.reshape(-1), 29)")
CERTAIN_OF_A_BLANK = FABRICATES.format(scores="20.0 * F.one_hot(torch.ones(inputs.numel(), dtype=torch.int64), 29)")


def with_mistake(mistake_id: str) -> tuple[Cell, ...]:
    """Return the solved notebook with a known mistake of train_ch8 in it."""
    question = next(question for question in questions_of(NAME).questions if question.name == "train_ch8")
    mistake = next(mistake for mistake in question.mistakes if mistake.id == mistake_id)
    return with_answer(NAME, "train_ch8", mistaken_cell(question, mistake)).cells


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_an_honest_model_gets_all_points(kind: str, seed: int) -> None:
    result = tried(trained_case(kind), solution_cells(folder_of(NAME)), seed)

    assert result.credit == 1, result.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_reads_in_both_directions_gets_nothing(kind: str) -> None:
    result = tried(trained_case(kind), with_mistake("M45"))

    assert result.credit == 0
    assert "reads the future" in result.message


def test_a_model_without_memory_is_no_better_than_counting_pairs_and_gets_nothing() -> None:
    result = tried(trained_case("RNN"), with_answer(NAME, "RNNModel", IGNORES_THE_STATE).cells)

    assert result.credit == 0
    assert "on unseen text" in result.message


def test_a_model_whose_gradients_are_never_emptied_gets_a_part() -> None:
    result = tried(trained_case("RNN"), with_mistake("M43"))

    assert result.credit == pytest.approx(2 / 3), result.message


def test_a_model_that_learned_to_repeat_its_input_gets_nothing() -> None:
    result = tried(trained_case("RNN"), with_mistake("M44"))

    assert result.credit == 0
    assert "on unseen text" in result.message


@pytest.mark.parametrize(("source", "told"), [(FOLLOWING_TOKEN, "reads the future"), (CERTAIN_OF_A_BLANK, "on unseen text")])
def test_made_up_scores_get_nothing(source: str, told: str) -> None:
    result = tried(trained_case("RNN"), with_answer(NAME, "train_ch8", source).cells)

    assert result.credit == 0
    assert told in result.message


def test_scores_that_are_better_than_the_source_allows_get_nothing() -> None:
    case = trained_case("GRU")
    made_up = tried(case, with_answer(NAME, "train_ch8", CERTAIN_OF_A_BLANK).cells).scores
    assert isinstance(made_up, dict)

    failure = judged(case, {**made_up, "next": snapshot(20.0 * torch.nn.functional.one_hot(case.private["labels"], 29))})

    assert failure is not None
    assert (failure.credit, "has it seen the answers?" in failure.message) == (0, True)


def test_no_value_that_is_sent_tells_what_comes_next() -> None:
    case = trained_case("RNN")
    pieces = ["".join(map(chr, context)) for context in case.inputs["contexts"].tolist()]

    assert case.private.keys() == {"labels", "floor"}
    assert pieces == sorted(pieces)
    assert len(case.private["labels"]) == len(set(pieces)) == 2000
