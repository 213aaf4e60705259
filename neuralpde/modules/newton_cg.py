"""Damped Newton steps by preconditioned conjugate gradients, for the end of a training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["NewtonCG", "conjugate_gradients", "nystrom"]

Product = Callable[[Tensor], Tensor]


class NewtonCG(Optimizer):
    r"""θ ← θ − t p  with  (H + μ I) p = ∇L  by conjugate gradients and t from an Armijo search.

    The system is preconditioned by a Nyström approximation of H of low rank, which is renewed now and then. Its own damping keeps H + μI positive along the
    directions that matter; where it is not, the iteration stops and the direction found so far, or the gradient, is taken.

    The closure must return the loss **on the tape** and must not call ``backward``; products with H are reverse over reverse.

    Args:
        params: parameters, all trained together.
        lr: first trial of the line search, 1 for Newton's method.
        damping: μ > 0.
        rank: of the Nyström approximation; 0 for none.
        refresh: steps between two of them.
        max_iterations: products with H per step.
        tolerance: of the conjugate gradients, relative to the gradient.
        seed: of the Nyström approximation's random directions.

    Limits: full batch: the points must stay the same from step to step. A step costs up to ``max_iterations`` Hessian products, each a few gradients.
    In float32 the last digits of the loss are noise to the line search; float64 is better. A resumed run makes its approximation of H anew, so it does
    not repeat the steps of an uninterrupted one exactly.

    Reference: Rathore, Lei, Frangella, Lu & Udell, Challenges in training PINNs: a loss landscape perspective, 2024; Frangella, Tropp & Udell, Randomized
    Nyström preconditioning, 2023.
    """

    needs_graph = True

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 1.0,
        *,
        damping: float = 1e-3,
        rank: int = 20,
        refresh: int = 20,
        max_iterations: int = 50,
        tolerance: float = 1e-6,
        seed: int = 0,
    ) -> None:
        defaults = {"lr": lr, "damping": damping, "rank": rank, "refresh": refresh, "max_iterations": max_iterations, "tolerance": tolerance}
        super().__init__(params, defaults)
        self.count, self.seed = 0, seed
        self._sketch: tuple[Tensor, Tensor] | None = None

    def step(self, closure: Callable[[], Tensor]) -> Tensor:  # type: ignore[override]
        """One damped Newton step."""
        group = self.param_groups[0]
        params: list[Tensor] = group["params"]
        with torch.enable_grad():
            loss = closure()
            gradient = _flat(torch.autograd.grad(loss, params, create_graph=True))

        def hessian(vector: Tensor) -> Tensor:
            return _flat(torch.autograd.grad(gradient, params, vector, retain_graph=True)).detach()

        slope = gradient.detach()
        if group["rank"] and (self._sketch is None or self.count % group["refresh"] == 0):
            self._sketch = nystrom(hessian, slope, rank=group["rank"], seed=self.seed + self.count)
        direction = conjugate_gradients(
            lambda v: hessian(v) + group["damping"] * v,
            slope,
            precondition=self._preconditioner(group["damping"]),
            max_iterations=group["max_iterations"],
            tolerance=group["tolerance"],
        )
        self._search(closure, params, direction, slope, float(loss.detach()), group["lr"])
        self.count += 1
        return loss.detach()

    def _preconditioner(self, damping: float) -> Product:
        if self._sketch is None:
            return lambda v: v
        basis, values = self._sketch
        # (λ_min + μ) U (Λ + μ)⁻¹ Uᵀ + (I − U Uᵀ): large curvatures are divided out, the rest stays.
        scale = (values[-1] + damping) / (values + damping) - 1
        return lambda v: v + basis @ (scale * (basis.T @ v))

    @torch.no_grad()
    def _search(self, closure: Callable[[], Tensor], params: list[Tensor], direction: Tensor, slope: Tensor, before: float, first: float) -> None:
        """Halve the step until the loss falls enough; a step that never does is not made."""
        start, length, descent = _flat(params).clone(), first, float(slope @ direction)
        for _ in range(20):
            _assign(params, start - length * direction)
            with torch.enable_grad():  # residuals differentiate even where parameters are not
                after = float(closure().detach())
            if after <= before - 1e-4 * length * descent:
                return
            length /= 2
        _assign(params, start)

    def state_dict(self) -> dict[str, Any]:
        """Number of steps; the approximation of H is made anew."""
        return {"count": self.count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        self.count = state_dict["count"]


def conjugate_gradients(matvec: Product, b: Tensor, *, precondition: Product, max_iterations: int, tolerance: float) -> Tensor:
    """Solve A x = b from zero; stops at negative curvature with what it has, at the very start with b.

    Args:
        matvec: x ↦ A x, symmetric.
        b: right-hand side.
        precondition: approximation of A⁻¹, symmetric and positive.
        max_iterations: products with A.
        tolerance: on ‖b − A x‖ / ‖b‖.
    """
    x, r = torch.zeros_like(b), b.clone()
    z = precondition(r)
    p, rho = z.clone(), r @ z
    for iteration in range(max_iterations):
        product = matvec(p)
        curvature = p @ product
        if curvature <= 0:
            return x if iteration else b
        step = rho / curvature
        x, r = x + step * p, r - step * product
        if r.norm() <= tolerance * b.norm():
            break
        z = precondition(r)
        rho, last = r @ z, rho
        p = z + rho / last * p
    return x


def nystrom(matvec: Product, like: Tensor, *, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """Orthonormal U ``(n, rank)`` and λ ≥ 0, descending, with A ≈ U diag(λ) Uᵀ, from products with random orthonormal vectors.

    Args:
        matvec: product with A, symmetric; its negative part is dropped.
        like: a vector of the size, type and device of those it takes.
        rank: number of products.
        seed: of the vectors.
    """
    generator = torch.Generator().manual_seed(seed)
    rank = min(rank, like.numel())
    probe = torch.linalg.qr(torch.randn(like.numel(), rank, generator=generator, dtype=torch.float64).to(like))[0]
    image = torch.stack([matvec(column) for column in probe.T.contiguous()], dim=1)
    shift = torch.finfo(like.dtype).eps * image.norm()
    image = image + shift * probe
    values, vectors = torch.linalg.eigh(probe.T @ image)
    # B = Y V diag(v)^(-1/2) over the positive part; A ≈ B Bᵀ.
    kept = values > shift
    factor = image @ (vectors[:, kept] / values[kept].sqrt())
    basis, singular, _ = torch.linalg.svd(factor, full_matrices=False)
    return basis, (singular.square() - shift).clamp(min=0)


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def _assign(params: Iterable[Tensor], values: Tensor) -> None:
    offset = 0
    for parameter in params:
        parameter.copy_(values[offset : offset + parameter.numel()].view_as(parameter))
        offset += parameter.numel()
