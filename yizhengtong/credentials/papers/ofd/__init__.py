"""Papers as OFD (GB/T 33190-2016): XML parts in a zip, laid out by ourselves from the same sheet as the PDF.

A4 in millimetres. Fonts are named, not embedded: every advance stands in the file, full-width and half-width as 宋体
has them, so that a reader with another font puts each character in the same place. What it is not: docs/adr/0063.
"""
