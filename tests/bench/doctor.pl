# SPDX-License-Identifier: GPL-2.0-only
#
# What btf-doctor costs. Part of report.pl.
use strict;
use warnings;

our (%fact);

print "## 8. btf-doctor and btf-restore\n\n";
my %of = map { my ($name, @v) = split /\t/; $name => \@v } lines('doctor');
# The goals are seconds: of one CPU, but for the check of all, which has two.
my @rows = (
	[ 'status', 'status of a desktop', 3, 200 ],
	[ 'mixed', 'status, some modules of another build: all are looked at', undef, undef ],
	[ 'hook', 'what a hook runs, some modules of another build', 3, undef ],
	[ 'check', 'check of all modules', 60, undef ],
	[ 'made-for', 'check --made-for of all modules', undef, undef ],
	[ 'diff', 'diff of two bases', 0.5, undef ],
	[ 'restore-60', 'btf-restore, 60 modules relocated', 1, undef ],
	[ 'restore-all', 'btf-restore, all modules relocated', 15, undef ],
);
if ($of{modules}) {
	print "On the machine that QEMU ran on, of $of{modules}[0] modules, packed with xz as Debian has them. ".
		"CPU time of all threads, the least of some runs, so that other work on the machine counts less.\n\n";
	head('', 'seconds of CPU', 'memory in MB', 'exit status');
	for (@rows) {
		my ($name, $what) = @$_;
		row($what, sprintf('%.2f', $of{$name}[0] / 1e6), sprintf('%.0f', $of{$name}[1] / 1024), $of{$name}[2]);
	}
	print "\n";
}
for (@rows) {
	my ($name, $what, $time, $memory) = @$_;
	next unless $time;
	my $goal = ($name =~ /^restore/ ? '' : 'btf-doctor, ')."$what: at most $time s of CPU".($memory ? " and $memory MB" : '');
	if ($of{modules}) {
		my ($s, $mb) = ($of{$name}[0] / 1e6, $of{$name}[1] / 1024);
		goal($goal, sprintf('%.2f s', $s).($memory ? sprintf(', %.0f MB', $mb) : ''), $s <= $time && (!$memory || $mb <= $memory),
			$name eq 'check' ? '30 s on two CPUs' : '');
	} else {
		goal($goal, '', undef, '');
	}
}
print "Not measured.\n\n" unless $of{modules};

1;
