from neuralpde.derivatives.derivative_orders import derivative_orders
from neuralpde.equations import Heat, KuramotoSivashinsky, VorticityNavierStokes


def test_orders_of_equations():
    assert derivative_orders(Heat(1.0), 2, timed=True) == {(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 2, 0), (0, 0, 2)}
    assert {(0, 4), (0, 2), (1, 0), (0, 1)} <= derivative_orders(KuramotoSivashinsky(), 1, timed=True)


def test_operands_of_poisson_solves_count():
    """The potential is differentiated twice in its defect, even where the equation needs only its gradient."""
    orders = derivative_orders(VorticityNavierStokes(), 2, timed=True)
    assert {(0, 2, 0), (0, 0, 2), (0, 1, 1), (1, 0, 0)} <= orders
