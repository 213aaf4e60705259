"""root_vjp and root_jvp, the rules without a decorator."""

from __future__ import annotations

import pytest
import torch

from neuralpde.implicit import GMRES, default_linear_solver, root_jvp, root_vjp

DOUBLE = torch.float64


def F(x, a, b):
    """A coupled non-linear system in two leaves."""
    u, v = x["u"], x["v"]
    return {"u": u**3 + u + 0.3 * v.sum() - a * b, "v": v + torch.sin(v) * u[:2] - b[:2] * a.sum()}


@pytest.fixture
def root(generator):
    a, b = torch.rand(3, dtype=DOUBLE, generator=generator), torch.rand(3, dtype=DOUBLE, generator=generator)
    x = {"u": torch.zeros(3, dtype=DOUBLE), "v": torch.zeros(2, dtype=DOUBLE)}
    for _ in range(60):  # Newton with the dense Jacobian
        flat = lambda z: torch.cat(list(F({"u": z[:3], "v": z[3:]}, a, b).values()))  # noqa: E731
        z = torch.cat([x["u"], x["v"]])
        z = z - torch.linalg.solve(torch.func.jacrev(flat)(z), flat(z))
        x = {"u": z[:3], "v": z[3:]}
    return x, a, b


@pytest.mark.parametrize("solve", [None, GMRES(rtol=1e-13)])
def test_dot_product(root, solve, generator):
    """⟨v, J t⟩ = ⟨Jᵀ v, t⟩."""
    x, a, b = root
    tangents = tuple(torch.randn(3, dtype=DOUBLE, generator=generator) for _ in range(2))
    cotangent = {key: torch.randn(value.shape, dtype=DOUBLE, generator=generator) for key, value in x.items()}
    pushed = root_jvp(F, x, (a, b), tangents, solve=solve)
    pulled = root_vjp(F, x, (a, b), cotangent, solve=solve)
    left = sum(float((cotangent[key] * pushed[key]).sum()) for key in x)
    right = sum(float((p * t).sum()) for p, t in zip(pulled, tangents, strict=True))
    assert left == pytest.approx(right, rel=1e-11) and abs(left) > 1e-3


def test_against_the_formula(root):
    x, a, b = root
    z = torch.cat([x["u"], x["v"]])
    flat = lambda z, a: torch.cat(list(F({"u": z[:3], "v": z[3:]}, a, b).values()))  # noqa: E731
    A, B = torch.func.jacrev(flat, argnums=(0, 1))(z, a)
    exact = -torch.linalg.solve(A, B)
    for i in range(3):
        pushed = root_jvp(F, x, (a, b), (torch.eye(3, dtype=DOUBLE)[i], None))
        torch.testing.assert_close(torch.cat([pushed["u"], pushed["v"]]), exact[:, i])


def test_structure_of_the_cotangents():
    theta, n = {"a": (torch.tensor(8.0, dtype=DOUBLE), "text")}, torch.tensor(3)
    found = root_vjp(lambda x, theta, n: x**n - theta["a"][0], torch.tensor(2.0, dtype=DOUBLE), (theta, n), torch.tensor(1.0, dtype=DOUBLE))
    assert float(found[0]["a"][0]) == pytest.approx(1 / 12) and found[0]["a"][1] is None and found[1] is None
    args, kwargs = root_vjp(lambda x, *, t: x - t, theta["a"][0], (), theta["a"][0], kwargs={"t": theta["a"][0]})
    assert args == () and float(kwargs["t"]) == 8.0


def test_wrong_tangents_are_refused():
    one = torch.ones(2)
    with pytest.raises(ValueError, match="root_jvp: expected 2 tangents, one for each argument, got 1; give None"):
        root_jvp(lambda x, a, b: x - a * b, one, (one, one), (one,))
    with pytest.raises(ValueError, match="root_jvp: expected tangents with the structure of their arguments, got 1 tensors for 2"):
        root_jvp(lambda x, a: x - a[0] * a[1], one, ((one, one),), (one,))


def test_one_solve_serves_all_arguments(root):
    """The count of products does not grow with the number of arguments."""
    x, a, b = root
    calls = []

    def counted(x, *args):
        calls.append(1)
        return F(x, args[0], args[1])

    cotangent = {key: torch.ones_like(value) for key, value in x.items()}
    root_vjp(counted, x, (a, b), cotangent)
    first = len(calls)
    calls.clear()
    root_vjp(counted, x, (a, b, a, b, a), cotangent)
    assert len(calls) == first <= 4


def test_the_default_needs_no_symmetry():
    assert type(default_linear_solver()).__name__ == "LU"
