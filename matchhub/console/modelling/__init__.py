"""匹配模型: what the city's officers and the administrator see of the weights, and how they change them."""
