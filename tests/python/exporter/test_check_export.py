"""`edgebin.check_export`: everything that export refuses, at once, with its place, and quietly."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import edgebin

X = torch.zeros(1, 3, 16, 16)


class Gate(nn.Module):
    """Squeeze and excitation by a quotient."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale = F.relu(self.down(x.mean((2, 3), keepdim=True)))
        scale = F.softplus(self.up(scale))
        return x / scale


class Block(nn.Module):
    """A gate, a torch.nn layer that the runtime lacks and a resize in one forward."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.gate, self.act = nn.Conv2d(3, 8, 3), Gate(), nn.Mish()

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.conv(x))
        y = self.gate(y)
        return F.interpolate(y, scale_factor=2.0, mode="bicubic")


class Network(nn.Module):
    """Everything that is refused is in one block, and below it."""

    def __init__(self) -> None:
        super().__init__()
        self.block, self.head = Block(), nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.block(x).mean((2, 3)))
        return logits.topk(2)[0]


def _line(module: type[nn.Module], text: str) -> int:
    lines, first = inspect.getsourcelines(module.forward)
    return first + next(index for index, line in enumerate(lines) if text in line)


def test_everything_is_listed_with_module_line_operator_and_way_out() -> None:
    network = Network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = edgebin.check_export(network, X)
    assert [(r.module, r.operator, r.line) for r in found] == [
        ("block.act", "aten.mish", _line(Block, "self.act(")),
        ("block.gate", "aten.softplus", _line(Gate, "F.softplus")),
        ("block.gate", "aten.div.Tensor", _line(Gate, "x / scale")),
        ("block", "aten.upsample_bicubic2d.vec", _line(Block, "interpolate")),
        ("", "aten.topk", _line(Network, "topk")),
    ]
    assert all(refusal.file == __file__ for refusal in found)
    assert all(refusal.works for refusal in found)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_the_error_of_export_and_convert_lists_the_same_a_line_each() -> None:
    network = Network().eval()
    found = edgebin.check_export(network, X)
    with pytest.raises(edgebin.ExportError) as exported:
        edgebin.export(network, X, "never.ebn")
    with pytest.raises(edgebin.ExportError) as converted:
        edgebin.convert(network, torch.rand(4, 3, 16, 16))
    for error in (exported.value, converted.value):
        assert error.refusals == found
        first, *lines = error.lines
        assert first == "the network: found 5 things that export refuses:"
        assert lines == [f"- {refusal}" for refusal in found]
        *shown, last = str(error).splitlines()
        assert len(str(error)) <= 500
        assert shown == list(error.lines[: len(shown)])
        assert last == f"- and {6 - len(shown)} more; edgebin.check_export lists all"


def test_a_network_that_can_be_exported_has_an_empty_list() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(784, 2))
    assert edgebin.check_export(network, X) == ()


class ByValue(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(_Inner())

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.inner(x)
        return result


class _Inner(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.mean() > 0:
            x = x + x
        return x


def test_a_condition_on_values_has_its_place_and_prints_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    (refusal,) = edgebin.check_export(ByValue(), X)
    assert refusal.module == "inner.0"
    assert (refusal.file, refusal.line) == (__file__, _line(_Inner, "if x.mean"))
    assert "depends on the values of a tensor" in refusal.found
    assert capfd.readouterr() == ("", "")


def test_what_is_returned_and_taken_is_listed_too() -> None:
    class Named(nn.Module):
        def forward(self, x: Tensor) -> dict[str, list[Tensor]]:
            return {"y": [F.mish(x)]}

    class Nested(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, tuple[Tensor]]:
            return F.relu(x), (x + 1,)

    class Two(nn.Module):
        def forward(self, x: Tensor, y: Tensor) -> Tensor:
            return x + y

    found = [(r.found, r.works) for r in edgebin.check_export(Named(), X)]
    assert found[1:] == [("nested outputs", "a tensor, or a tuple or dictionary of tensors")]
    assert "aten.mish" in found[0][0]
    (nested,) = edgebin.check_export(Nested(), X)
    assert nested.found == "nested outputs"
    (two,) = edgebin.check_export(Two(), X)
    assert (two.found, two.works) == ("inputs x, y", "one input, the images")


def test_attention_and_recurrence_are_named_as_one() -> None:
    class Attending(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attend = nn.MultiheadAttention(16, 2, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.attend(*[x[:, 0]] * 3)[0]
            return y

    found = [refusal.found for refusal in edgebin.check_export(Attending(), X)]
    assert found == ["torch.nn.MultiheadAttention"]


ODD: dict[str, tuple[Callable[[Tensor], object], str]] = {
    "a number": (lambda x: x * x.max().item(), "aten.item"),
    "a size that depends on the image": (lambda x: x.flatten()[x.flatten().nonzero()], "nonzero"),
    "a list": (lambda x: torch.cat(torch.unsafe_chunk(x, 3, 1), 1), "aten.unsafe_chunk"),
    "complex numbers": (lambda x: torch.fft.fft2(x).abs(), "aten.fft_fft2"),
    "another type": (lambda x: x.to(torch.int32) // 2, "aten.to.dtype"),
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_a_refused_call_gives_the_walk_goes_on(name: str) -> None:
    function, operator = ODD[name]

    class Odd(nn.Module):
        def forward(self, x: Tensor) -> object:
            return function(x), F.mish(x)

    found = edgebin.check_export(Odd(), X)
    assert any(operator in f"{refusal.operator} {refusal.found}" for refusal in found)
    assert found[-1].operator == "aten.mish"


def test_what_follows_from_a_refusal_is_no_refusal() -> None:
    class Shuffle(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return F.mish(x).permute(0, 2, 3, 1).reshape(1, -1, 3).mean(1)

    (refusal,) = edgebin.check_export(Shuffle(), X)
    assert refusal.operator == "aten.mish"


LONG: dict[str, Callable[[], nn.Module]] = {
    "names": lambda: _named("a" * 600),
    "message": lambda: _raising("b" * 5000),
    "line breaks": lambda: _raising("first\n" + "c" * 5000),
}


def _named(name: str) -> nn.Module:
    network = nn.Sequential()
    network.add_module(name, nn.Mish())
    return network


def _raising(text: str) -> nn.Module:
    class Raising(nn.Module):
        def forward(self, _: Tensor) -> Tensor:
            raise ValueError(text)

    return Raising()


@pytest.mark.parametrize("name", LONG)
def test_an_entry_is_one_line_of_at_most_500_characters(name: str) -> None:
    (refusal,) = edgebin.check_export(LONG[name](), X)
    assert len(str(refusal)) <= 500
    assert len(str(refusal).splitlines()) == 1


def test_of_many_refusals_the_error_shows_some_and_counts_the_rest() -> None:
    network = nn.Sequential(*(nn.Mish() for _ in range(30)))
    found = edgebin.check_export(network, X)
    assert [refusal.module for refusal in found] == [str(index) for index in range(30)]
    error = edgebin.ExportError(refusals=found)
    first, *shown, last = str(error).splitlines()
    assert len(str(error)) <= 500
    assert (first, *shown) == error.lines[: 1 + len(shown)]
    assert last == f"- and {30 - len(shown)} more; edgebin.check_export lists all"
    assert len(str(error)) + len(error.lines[1 + len(shown)]) >= 500, "one more would fit"


def test_the_text_of_an_error_never_has_more_than_500_characters() -> None:
    for size in range(0, 140, 7):
        for count in (2, 3, 1000):
            refusal = edgebin.Refusal("m" * size, "f" * size, "w" * size, "", "p" * size, 10**9)
            error = edgebin.ExportError(refusals=[refusal] * count)
            first, second, *_ = text = str(error).splitlines()
            assert len(str(error)) <= 500
            assert first.endswith(f"found {count} things that export refuses:")
            assert second.startswith("- module" if size else "- the network")
            listed = len(text) - 1 - text[-1].startswith("- and")
            assert listed == count or text[-1].startswith(f"- and {count - listed} more; ")
            assert len(str(edgebin.ExportError("l" * 999, [refusal] * count))) <= 500


def test_wrong_arguments_are_errors_and_no_refusals() -> None:
    with pytest.raises(edgebin.ExportError, match="example: expected float images"):
        edgebin.check_export(nn.Mish(), X[0])
    with pytest.raises(edgebin.ExportError, match="preprocessing mean: expected 3 values"):
        edgebin.check_export(nn.Mish(), X, preprocessing=edgebin.Preprocessing((0.5,), (0.5,)))
