"""Networks from one picture to a class: their data, their training, and the versions that are made of them."""
