# The science image's own packages come before ours.
.libPaths(c(.libPaths(), "/opt/jupyter/R"))
IRkernel::main()
