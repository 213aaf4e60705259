import pytest
import torch

from neuralpde.initial import Choice, Constant, RandomSineSeries, SineSeries, Uniform, stack_draws


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_uniform_stays_in_its_interval_and_fills_it():
    gen, law = generator(), Uniform(0.1, 0.4)
    draws = stack_draws([law(gen) for _ in range(4000)])
    assert draws.dtype == torch.float64 and draws.shape == (4000,)
    assert draws.min() >= 0.1 and draws.max() < 0.4
    # Mean within four standard errors.
    assert abs(draws.mean() - 0.25) < 4 * (0.3 / 12**0.5) / 4000**0.5


def test_choice_is_fair():
    gen, law = generator(), Choice((0, 1))
    draws = stack_draws([law(gen) for _ in range(4000)])
    assert set(draws.tolist()) == {0.0, 1.0}
    assert abs(draws.mean() - 0.5) < 4 * 0.5 / 4000**0.5


def test_constant_uses_no_randomness():
    gen = generator()
    assert Constant(2)(gen) == 2.0
    assert torch.equal(torch.rand(3, generator=gen), torch.rand(3, generator=generator()))


def test_the_same_generator_state_gives_the_same_draw():
    assert Uniform(0, 1)(generator(3)) == Uniform(0, 1)(generator(3))
    assert Uniform(0, 1)(generator(3)) != Uniform(0, 1)(generator(4))


def test_profiles_stack_along_the_batch():
    gen, law = generator(), RandomSineSeries(num_terms=4)
    draws = [law(gen) for _ in range(3)]
    stacked = stack_draws(draws)
    assert isinstance(stacked, SineSeries) and stacked.amplitudes.shape == (3, 4)
    assert torch.equal(stacked.phases[1], draws[1].phases[0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Uniform(1, 0), ValueError, "Uniform: needs high >= low, got low=1 and high=0; swap them"),
        (lambda: Choice(()), ValueError, "Choice: needs at least one value, got none"),
        (lambda: stack_draws([]), ValueError, "stack_draws: needs at least one draw, got none"),
        (lambda: stack_draws(["a"]), TypeError, r"stack_draws: needs numbers or profiles of one class, got \['str'\]"),
    ],
)
def test_mistakes(call, error, message):
    with pytest.raises(error, match=message):
        call()
