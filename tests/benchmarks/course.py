"""An assignment of six of the course's questions, put together at run time: what the benchmark grades."""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
NAME = "six"
SIX = {
    "one_hot": ("01-sequences", "q2_one_hot"),
    "rnn_step": ("02-rnn", "q2_rnn_step"),
    "grad_clipping": ("03-training", "q6_grad_clipping"),
    "gru_step": ("05-gated", "q1_gru_step"),
    "lstm_step": ("05-gated", "q3_lstm_step"),
    "perplexity": ("03-training", "q3_perplexity"),
}
IMPORTS = "#| locked\nimport math\n\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\nfrom grader import check\n"


def write_course(folder: Path) -> None:
    """Write a course of one assignment: its notebook has the imports, six answers, and a check after each."""
    assignment = folder / "solutions" / NAME
    questions = assignment / "questions"
    questions.mkdir(parents=True)
    (questions / "plan.py").write_text('from grader.authoring import Assignment\n\nassignment = Assignment(title="Six questions")\n')
    imports = [f"from . import {module}" for _, module in SIX.values()]
    (questions / "__init__.py").write_text("\n".join(["from .plan import assignment", *imports, ""]))
    cells = [new_code_cell(IMPORTS, id="imports")]
    for name, (source, module) in SIX.items():
        _copy_question(source, module, questions)
        cells += [new_code_cell(_answer(source, name), id=f"a-{name}".replace("_", "-")), new_code_cell(f'check("{name}")', id=f"c-{name}".replace("_", "-"))]
    (assignment / f"{NAME}.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    (folder / "grader.toml").write_text("")


def _copy_question(source: str, module: str, questions: Path) -> None:
    """Copy a question's file and what it shares with its neighbours, whose names must not clash with those of another assignment."""
    origin = ROOT / "solutions" / source / "questions"
    shared = f"shared_{source[:2]}"
    if (origin / "shared.py").exists():
        shutil.copy(origin / "shared.py", questions / f"{shared}.py")
    text = (origin / f"{module}.py").read_text(encoding="utf-8")
    (questions / f"{module}.py").write_text(text.replace("from .shared import", f"from .{shared} import"), encoding="utf-8")


def _answer(source: str, question: str) -> str:
    notebook = nbformat.read(ROOT / "solutions" / source / f"{source}.ipynb", as_version=4)
    return next(str(cell.source) for cell in notebook.cells if cell.cell_type == "code" and cell.source.startswith(f"#| question: {question}\n"))
