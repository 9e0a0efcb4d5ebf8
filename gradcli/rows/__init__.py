"""Expressions over tables: readers, writers, blocks of rows on threads, and on a Dask cluster."""
