"""Running untrusted notebooks: kernels forked from a warm process, cells, probes; knows values, never a Question."""
