"""Charts of the lake, for the site, the notebooks and the README: rows -> a Vega-Lite spec -> SVG.

A chart is a function from rows to a spec (a plain dict): clicks_and_purchases.py, recency.py, events_by_day.py.
theme.py has what they share: sizes, type and the one palette. drawing.py draws a spec as SVG with vl-convert, without
a browser; it alone imports it, when the first chart is drawn.
"""
