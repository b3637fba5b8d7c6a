"""Cases and known mistakes of predict_ch8."""

import torch
from torch import nn
from torch.nn import functional as F

from grader.authoring import Case

from . import assignment


def write(entry, prefix, num_preds, kind="GRU", wanted="text"):
    class Vocab:
        def __init__(self):
            self.idx_to_token = ["<unk>", *"abdenr "]
            self.token_to_idx = {token: index for index, token in enumerate(self.idx_to_token)}

        def __len__(self):
            return len(self.idx_to_token)

        def __getitem__(self, tokens):
            return [self[token] for token in tokens] if isinstance(tokens, (list, tuple)) else self.token_to_idx.get(tokens, 0)

        def to_tokens(self, indices):
            return [self.to_tokens(index) for index in indices] if isinstance(indices, (list, tuple)) else self.idx_to_token[indices]

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(nn, kind)(8, 6)
            self.linear = nn.Linear(6, 8)
            self.keeps_a_graph = False

        def forward(self, inputs, state):
            hidden, state = self.rnn(F.one_hot(inputs.T, 8).double(), state)
            scores = self.linear(hidden.reshape(-1, 6))
            self.keeps_a_graph = self.keeps_a_graph or scores.requires_grad
            return scores, state

        def begin_state(self, batch_size, device):
            zeros = [torch.zeros(1, batch_size, 6, device=device, dtype=torch.float64) for _ in range(2)]
            return tuple(zeros) if kind == "LSTM" else zeros[0]

    net, vocab = Model().double(), Vocab()
    generator = torch.Generator().manual_seed(103)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        net.linear.bias[0] = -100.0
        if wanted == "ties":
            net.linear.weight.zero_()
            net.linear.bias.copy_(torch.tensor([-1.0, -1.0, 0.5, -1.0, 0.5, 0.5, -1.0, 0.0]))
    text = entry(prefix, num_preds, net, vocab, torch.device("cpu"))
    if wanted == "graph":
        still_learns = all(parameter.requires_grad for parameter in net.parameters())
        return {"text": text, "every step keeps its graph": net.keeps_a_graph, "the network can still learn": still_learns}
    if wanted == "continuation" and isinstance(text, str):
        as_tokens = "".join(token if token in vocab.token_to_idx else "<unk>" for token in prefix)
        return text.removeprefix(prefix).removeprefix(as_tokens)
    return text


@assignment.question("predict_ch8", points=4, driver=write)
def predict_ch8(_draw):
    """Writing on"""
    yield Case("six characters after 'bad'", public=True, teaching=True, prefix="bad", num_preds=6)
    yield Case("a prefix of one character", teaching=True, prefix=" ", num_preds=8)
    yield Case("a long text", teaching=True, prefix="a banana and ", num_preds=40)
    yield Case("an LSTM writes", teaching=True, prefix="dear ", num_preds=12, kind="LSTM")
    yield Case("nothing to add", edge=True, prefix="brand", num_preds=0)
    yield Case("a character that is not in the vocabulary", edge=True, prefix="ba?d", num_preds=7, wanted="continuation")
    yield Case("three characters share the highest score", edge=True, prefix="ra", num_preds=2, wanted="ties")
    yield Case("memory while writing", edge=True, prefix="bread", num_preds=4, wanted="graph")


@predict_ch8.mistake(
    "G01",
    hint="Your result does not begin with the prefix.",
    where="What is fed and what is kept while the prefix is read: the given characters, or your predictions?",
)
def predicts_while_it_reads(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for _ in range(len(prefix) - 1 + num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return "".join(vocab.idx_to_token[i] for i in outputs)


@predict_ch8.mistake("G02", hint="Each character is predicted as if it were the first.", where="Where does the new state go?")
def state_not_carried(prefix, num_preds, net, vocab, device):
    outputs = [vocab[character] for character in prefix]
    with torch.no_grad():
        for _ in range(num_preds):
            scores, _ = net(torch.tensor([[outputs[-1]]], device=device), net.begin_state(1, device))
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G03", hint="You write one character too few.", where="How often does your loop run, and what does it write the first time?")
def one_too_few(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds - 1):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G04", hint="You draw lots: the same call can write different texts.", where="The question asks for the character with the highest score.")
def drawn_at_random(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(torch.multinomial(torch.softmax(scores / 20, dim=1), 1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G05", hint="You write even when nothing is to be written.", where="What should come back when no character is asked for?")
def at_least_one(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), []
    with torch.no_grad():
        for character in prefix:
            scores, state = net(torch.tensor([[vocab[character]]], device=device), state)
        outputs.append(int(scores.argmax(dim=1)))
        while len(outputs) < num_preds:
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs)


@predict_ch8.mistake("G06", hint="The text is right, but every step keeps its graph in memory.", where="Does writing need gradients?")
def graph_kept(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    for character in prefix[1:]:
        _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
        outputs.append(vocab[character])
    for _ in range(num_preds):
        scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
        outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G07", hint="The prefix is missing in your result.", where="With which characters should the text begin?")
def prefix_left_out(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G08", hint="What was read is forgotten just before the first prediction.", where="Which state does your second loop start from?")
def state_reset_after_reading(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        state = net.begin_state(1, device)
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G09", hint="The last character of the prefix is read twice.", where="Which character goes in first once the prefix has been read?")
def last_character_read_twice(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), []
    with torch.no_grad():
        for character in prefix:
            _, state = net(torch.tensor([[vocab[character]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G10", hint="You write the least likely character each time.", where="Is a high score good or bad?")
def lowest_score(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmin(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G11", hint="Among equal scores you take the last one.", where="What does the text say about ties?")
def last_of_equals(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int((scores[0] == scores.max()).nonzero().max()))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake(
    "G12", hint="A character that the vocabulary does not know stops your function.", where="What does the vocabulary itself do with unknown characters?"
)
def unknown_character_raises(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab.token_to_idx[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab.token_to_idx[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return prefix + "".join(vocab.idx_to_token[i] for i in outputs[len(prefix) :])


@predict_ch8.mistake("G13", hint="You return a list.", where="The question asks for one text.")
def list_of_characters(prefix, num_preds, net, vocab, device):
    state, outputs = net.begin_state(1, device), [vocab[prefix[0]]]
    with torch.no_grad():
        for character in prefix[1:]:
            _, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(vocab[character])
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[outputs[-1]]], device=device), state)
            outputs.append(int(scores.argmax(dim=1)))
    return [vocab.idx_to_token[i] for i in outputs]


@predict_ch8.mistake(
    "G14",
    hint="The network never sees what you have written.",
    where="What is the input of the step after a prediction?",
)
def prediction_not_fed_back(prefix, num_preds, net, vocab, device):
    state, text = net.begin_state(1, device), prefix
    with torch.no_grad():
        for character in prefix[:-1]:
            _, state = net(torch.tensor([[vocab[character]]], device=device), state)
        for _ in range(num_preds):
            scores, state = net(torch.tensor([[vocab[prefix[-1]]]], device=device), state)
            text += vocab.idx_to_token[int(scores.argmax(dim=1))]
    return text


@predict_ch8.mistake(
    "G15", hint="The text is right, but the network cannot learn any more afterwards.", where="What do you change in the network that you were given?"
)
def network_frozen_for_good(prefix, num_preds, net, vocab, device):
    net.requires_grad_(requires_grad=False)
    state, text = net.begin_state(1, device), prefix
    for character in prefix[:-1]:
        _, state = net(torch.tensor([[vocab[character]]], device=device), state)
    last = vocab[prefix[-1]]
    for _ in range(num_preds):
        scores, state = net(torch.tensor([[last]], device=device), state)
        last = int(scores.argmax(dim=1))
        text += vocab.idx_to_token[last]
    return text
