"""Tests of tools/, a folder for each of its folders."""
