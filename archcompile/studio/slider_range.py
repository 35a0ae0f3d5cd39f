"""How far a slider goes for a number; its field takes any."""


def slider_range(value: int | float) -> tuple[float, float, float]:
    """Least, greatest and step of a slider for a number like this."""
    if isinstance(value, int):
        return min(value, 1), max(2 * value, value + 10), 1
    reach = max(abs(value) * 2, 1.0)
    return min(0.0, 2 * value), reach, reach / 100
