"""1.4: the past through a window."""

import torch

from grader.authoring import Case

from .plan import assignment


@assignment.question("windows", points=2, allow=["sequence"])
def windows(draw):
    """The past through a window."""
    yield Case("seven values, two at a time", public=True, teaching=True, x=torch.tensor([3.0, 1.0, 4.0, 1.5, 9.0, 2.0, 6.0], dtype=torch.float64), tau=2)
    yield Case("twenty values, four at a time", teaching=True, x=draw.normal(20), tau=4)
    yield Case("a window of one value", x=draw.normal(6), tau=1)
    yield Case("in single precision", x=draw.normal(9, dtype=torch.float32), tau=3)
    yield Case("a window with all values but one", edge=True, x=draw.normal(5), tau=4)
    yield Case("values that do not lie side by side in memory", edge=True, driver=every_second_value, x=draw.normal(12), tau=2)


def every_second_value(entry, x, tau):
    """Call the entry with every second value, as a view."""
    return entry(x[::2], tau)


@windows.mistake(
    "S04",
    hint="One of the inputs equals the label, so the task is trivial.",
    where="If a window ends with the value before time t, which time should its label come from?",
)
def puts_the_label_into_its_own_window(x, tau):
    features = torch.stack([x[i : i + tau] for i in range(len(x) - tau)])
    return features, x[tau - 1 : -1].reshape(-1, 1)


@windows.mistake("S05", hint="The contents of the windows are right, but reversed in time.", where="The text asks for the oldest value first.")
def puts_the_newest_first(x, tau):
    features = torch.stack([x[i : i + tau].flip(0) for i in range(len(x) - tau)])
    return features, x[tau:].reshape(-1, 1)


@windows.mistake("S20", hint="The labels have a single axis.", where="The text asks for a column of labels, which is a table with one column.")
def returns_labels_as_a_row(x, tau):
    features = torch.stack([x[i : i + tau] for i in range(len(x) - tau)])
    return features, x[tau:]


@windows.mistake("S21", hint="Rows and columns of the features have changed places.", where="One example is one row. How many rows should there be?")
def returns_one_column_an_example(x, tau):
    features = torch.stack([x[i : len(x) - tau + i] for i in range(tau)])
    return features, x[tau:].reshape(-1, 1)


@windows.mistake("S22", hint="Your windows do not overlap.", where="The next example begins one value later, not one window later.")
def jumps_a_whole_window(x, tau):
    starts = range(0, len(x) - tau, tau)
    return torch.stack([x[i : i + tau] for i in starts]), torch.stack([x[i + tau : i + tau + 1] for i in starts])


@windows.mistake(
    "S23", hint="Your first windows begin with zeros that are not in the data.", where="The first label for which a whole window exists: at which time is it?"
)
def fills_the_beginning_with_zeros(x, tau):
    padded = torch.cat((x.new_zeros(tau), x))
    return torch.stack([padded[i : i + tau] for i in range(len(x))]), x.reshape(-1, 1)


@windows.mistake("S24", hint="The label is two steps after its window.", where="Which value comes directly after the last one of the window?")
def skips_a_value_before_the_label(x, tau):
    features = torch.stack([x[i : i + tau] for i in range(len(x) - tau - 1)]) if len(x) > tau + 1 else x.new_zeros(0, tau)
    return features, x[tau + 1 :].reshape(-1, 1)


@windows.mistake(
    "S25", hint="The last example is missing.", where="Count with seven values and a window of two: how many labels have a whole window before them?"
)
def loses_the_last_example(x, tau):
    count = len(x) - tau - 1
    features = torch.stack([x[i : i + tau] for i in range(count)]) if count else x.new_zeros(0, tau)
    return features, x[tau:-1].reshape(-1, 1)


@windows.mistake("S26", hint="Given double precision you return single precision.", where="Which dtype has the table that you fill?")
def fills_a_single_precision_table(x, tau):
    features = torch.zeros(len(x) - tau, tau)
    for i in range(tau):
        features[:, i] = x[i : len(x) - tau + i]
    return features, x[tau:].reshape(-1, 1).float()


@windows.mistake("S27", hint="There is one window more than labels.", where="The window at the very end of the data has nothing after it.")
def keeps_a_window_without_label(x, tau):
    return x.unfold(0, tau, 1), x[tau:].reshape(-1, 1)


@windows.mistake("S28", hint="Given single precision you return double precision.", where="Which dtype has the table that you fill?")
def fills_a_double_precision_table(x, tau):
    features = torch.tensor([x[i : i + tau].tolist() for i in range(len(x) - tau)], dtype=torch.float64)
    return features, x[tau:].reshape(-1, 1).double()


@windows.mistake(
    "S29", hint="With a window of one value an axis is lost.", where="A window of one value is still a window. Does your code remove axes of length 1?"
)
def drops_a_window_of_one(x, tau):
    features = torch.stack([x[i : i + tau] for i in range(len(x) - tau)])
    return features.squeeze(1), x[tau:].reshape(-1, 1)


@windows.mistake(
    "S30", hint="With a single example an axis is lost.", where="One example is still a table with one row. Does your code remove axes of length 1?"
)
def drops_a_single_example(x, tau):
    features = torch.stack([x[i : i + tau] for i in range(len(x) - tau)])
    return features.squeeze(0), x[tau:].reshape(-1, 1)


@windows.mistake(
    "S31", hint="Values that do not lie side by side in memory come out wrong.", where="You step through memory by hand. A tensor knows its own steps."
)
def steps_through_memory(x, tau):
    features = torch.as_strided(x, (len(x) - tau, tau), (1, 1))
    return features.clone(), x[tau:].reshape(-1, 1)


@windows.mistake("S32", hint="Each label is a whole window.", where="The label is one value: the one after the window.")
def shifts_whole_windows(x, tau):
    all_windows = x.unfold(0, tau, 1)
    return all_windows[:-1], all_windows[1:]
