# SPDX-License-Identifier: GPL-2.0-only
# gnuplot -e "data='FILE'" plot.gp: what tests/bench/report.pl has written, as SVG
set terminal svg size 800,500 enhanced background rgb 'white'
set title "A matching module's BTF: stock kernel, and what btf\\_tolerant adds"
set xlabel 'size of .BTF, bytes'
set ylabel 'instructions'
set logscale xy
set format x '10^{%T}'
set format y '10^{%T}'
set key left top
set grid
plot data using 1:2 title 'whole load, stock' pt 1, \
	data using 1:3 title 'btf\_module\_notify, stock' pt 2, \
	data using 1:5 title 'added at policy 2' pt 4, \
	data using 1:4 title 'added at policy 1' pt 6
