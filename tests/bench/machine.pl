# SPDX-License-Identifier: GPL-2.0-only
#
# Sections 4 to 7: loading and memory, the checker, the worst input, a whole boot. Part of report.pl.
use strict;
use warnings;

our (%size, $data);

print "## 4. The module itself\n\n";
my $entry = 0;
my ($load) = map { (split /\t/)[2] } pass('load-2.1', 'btf_tolerant');
my ($load2) = map { (split /\t/)[2] } pass('load-2.2', 'btf_tolerant');
my @parts = pass('module.1', 'parts');
if ($load) {
	my $g = graph_nested(@parts);
	my $init = $g->{btf_tolerant_init} || 0;
	head('part of loading it', 'instructions');
	row('all of finit_module()', n($load)." (run 2: ".n($load2).')');
	for (['- of this: init, with the tracer', 'btf_tolerant_init'], ["- the base's strings", 'sysfs_btf_init'],
		['- - its types counted', 'btf_count_types'], ['- - where its strings begin', 'btf_base_note_strings'],
		['- take the place of the kernel\'s notifier', 'kernel_block_replace'],
		['- sysctl, /proc', 'policy_init']) {
		my ($what, $f) = @$_;
		next unless $g->{$f};
		row($what, n($g->{$f}));
	}
	print "\n";
	goal('loading btf_tolerant: at most 20 M instructions', m_($load), $load <= 20e6, 'without a signature; what checking one takes comes on top. Section 4 has its parts');
} else {
	print "Not measured.\n\n";
	goal('loading btf_tolerant: at most 20 M instructions', '', undef, '');
}
my %memory;
for my $n (0, 4000) {
	for (pass('many.2', "memory $n")) {
		$memory{$n}{module} = $1 if /^btf_tolerant (\d+)/;
		$memory{$n}{vmalloc} += $2 * 4096 if /\s(\S+) \[btf_tolerant\] pages=(\d+)/;
		($memory{$n}{count}, $memory{$n}{slab}) = ($1, $2) if /^slab (\d+) (\d+)/;
	}
	$memory{$n}{vmalloc} //= 0;
	$memory{$n}{all} = $memory{$n}{module} + $memory{$n}{vmalloc} + $memory{$n}{slab} if defined $memory{$n}{slab};
}
if ($memory{0}{all} && $memory{4000}{all}) {
	head('memory that stays, in bytes', 'idle', 'with 4,000 dropped');
	my $m = sub { my ($k) = @_; return map { n($memory{$_}{$k}) } 0, 4000 };
	row('text and data', $m->('module'));
	row('vmalloc', $m->('vmalloc'));
	row('slab', $m->('slab'));
	row('together', $m->('all'));
	print "\nSlab: what it allocated itself and has not freed. What the kernel allocates for its files in /proc is not included.\n\n";
	goal('resident memory: at most 512 KiB', n($memory{0}{all} / 1024).' KiB idle, '.n($memory{4000}{all} / 1024).' KiB with 4,000 dropped',
		$memory{4000}{all} <= 512 * 1024, 'on this kernel; it takes a byte for each eight bytes of BTF strings, of which 4 MiB are taken at most');
} else {
	print "Memory: not measured.\n\n";
	goal('resident memory: at most 512 KiB', '', undef, '');
}

print "## 5. The checker alone\n\n";
my (%check, $module);
# What the tracer says of a function of a few instructions is its own part.
my ($tracer) = sort { $a <=> $b } map { /([\d.]+) us\s+\|\s+\w+ \[btf_tolerant\]\(\);/ ? $1 * 1000 : () } @parts;
$tracer //= 0;
for my $seed (1, 2) {
	my %acc;
	for (pass("module.$seed", 'checker')) {
		if (/^module (.*)/) { $module = $1; next }
		push @{$acc{$module}}, $_;
	}
	for (keys %acc) {
		my $g = graph_nested(@{$acc{$_}});
		next unless $g->{btf_check} && $g->{btf_check_all_metas};
		$_ -= $tracer for @$g{qw(btf_check btf_check_all_metas)};
		for my $f (qw(btf_check btf_check_all_metas)) {
			$check{$_}{$f} = $g->{$f} if !$check{$_}{$f} || $check{$_}{$f} > $g->{$f};
		}
	}
}
my @checked = grep { $size{$_} } sort keys %check;
if (@checked) {
	my ($sum, $mine, $theirs) = (0, 0, 0);
	for (@checked) {
		$sum += $size{$_};
		$mine += $check{$_}{btf_check};
		$theirs += $check{$_}{btf_check_all_metas};
	}
	printf "%d modules, measured with the function graph tracer (its own part, %s instructions a call, is subtracted). ".
		"One nanosecond of this clock is one instruction.\n\n", scalar @checked, n($tracer);
	head('instructions per byte of BTF', 'over all', 'median', '95th percentile', 'worst');
	my $f2 = sub { sprintf '%.2f', $_[0] };
	row('btf_check()', $f2->($mine / $sum), map { $f2->($_) } three(map { $check{$_}{btf_check} / $size{$_} } @checked));
	row('btf_check_all_metas()', $f2->($theirs / $sum), map { $f2->($_) } three(map { $check{$_}{btf_check_all_metas} / $size{$_} } @checked));
	row('first of second', pc(100 * $mine / $theirs), map { pc($_) } three(map { 100 * $check{$_}{btf_check} / $check{$_}{btf_check_all_metas} } @checked));
	print "\n";
	my ($bytes, $ns) = map { split /\t/ } lines('ns');
	my ($cpu) = lines('cpu');
	printf "In user space the check takes %.2f ns a byte for the same modules on the machine that QEMU ran on (%s), with everything in the cache. This is time, so it varies. The kernel's parser cannot be run there.\n\n",
		$ns / $bytes, $cpu // '?' if $bytes;
} else {
	print "Not measured.\n\n";
}

print "## 6. The worst input\n\n";
my %w;
for my $c (1, 2) {
	for my $seed (1, 2) {
		for (lines("worst-$c.$seed")) {
			if (/^worst\t(.*)\t(\d+)$/) {
				my ($rest, $gap) = ($1, $2);
				my ($l) = values %{loads($rest)};
				my ($kind) = $l->{path} =~ m|/worst/(\w+)/|;
				my $old = $w{$kind}{$c};
				# The longest gap, the lower number
				$gap = $old->[2] if $old && $old->[2] > $gap;
				$w{$kind}{$c} = [$l->{err}, $l->{coming}, $gap, $old && $old->[3] < $l->{load} ? $old->[3] : $l->{load}];
			} elsif (m|^check\t/worst/(\w+)/.*?([\d.]+) us|) {
				my ($kind, $i) = ($1, $2 * 1000);
				$w{$kind}{check} = $i if !$w{$kind}{check} || $w{$kind}{check} > $i;
			}
		}
	}
}
if (%w) {
	print "A .BTF section of 16 MiB, the largest that the check accepts. Its types take as many bytes as the smallest types would if each ID had one: ".
		"the check accepts no more. The rest is strings, a name among them. ".
		"\"Longest gap\": for how long no other task could run on the one CPU.\n\n";
	head('16 MiB of', 'btf_check()', 'per byte', 'whole load, policy 1', 'policy 2', 'longest gap, policy 1', 'policy 2');
	my %what = (members => 'struct members', values => 'enum values', params => 'parameters', types => 'types without more',
		string => 'one string', zeros => 'empty strings');
	my $most = 0;
	# Half an instruction a byte: to look at all of it takes more.
	my $whole = !grep { !defined $w{$_} || !defined $w{$_}{1} || !defined $w{$_}{2} || ($w{$_}{check} || 0) < (16 << 20) / 2 } keys %what;
	for (sort keys %w) {
		my $x = $w{$_};
		row($what{$_}, n($x->{check}), sprintf('%.2f', ($x->{check} || 0) / (16 << 20)), map { n($_) } $x->{1}[3], $x->{2}[3], $x->{1}[2], $x->{2}[2]);
		$most = $x->{check} if ($x->{check} || 0) > $most;
	}
	my @gaps = map { $w{$_}{2}[2] } keys %w;
	printf "\nThe check takes at most %s for it. Like the parser it runs in the task that loads the module, while the chain of notifiers is locked for reading; it takes no lock itself. ".
		"Neither has a point at which it lets another task run. This kernel preempts both (CONFIG_PREEMPT_LAZY); one that does not, such as Debian's 6.12, ".
		"lets others run after them. A soft lockup is reported after 20 s.\n\n", m_($most);
	goal('16 MiB of the worst BTF: time bounded, and others can run', m_($most).' ('.sprintf('%.1f', $most / (16 << 20)).' a byte), gap '.m_(quantile(1, @gaps)),
		$whole && $most < 1e8 && quantile(1, @gaps) < 1e8, ($whole ? '' : 'the check has not looked at all of each. ').'bound: a tenth of a second (1e8) in which no other task runs, with preemption (the gap) or without (the checker)');
} else {
	print "Not measured.\n\n";
	goal('16 MiB of the worst BTF: time bounded, and others can run', '', undef, '');
}

print "## 7. Boot\n\n";
# Instructions of a boot, in millions, in the order of the boots
my %boot;
# From one line to another, of what the clock said and how much of that was idle: for how long was it not?
sub busy {
	my ($then, $was_idle, $now, $idle) = map { split / / } @_;
	return ($now - $then) - ($idle - $was_idle);
}
for my $conf (qw(without with)) {
	for my $i (1 .. 99) {
		my %l = map { /^(\w+) (.*)/ ? ($1, $2) : () } lines("boot-$conf.$i");
		next unless $l{start} && $l{end};
		my @script = grep { defined } @l{qw(btf_bench btf_tolerant_1 btf_tolerant_2)};
		push @{$boot{$conf}}, { %l, busy => busy(@l{qw(start end)}),
			script => @script == 3 ? busy(@script[0, 1]) - busy(@script[1, 2]) : 0 };
	}
}
# Now and then udev is quick enough for some modules more: these boots are another kind.
my $others = 0;
my %all_boots;
for my $conf (keys %boot) {
	my %of;
	$all_boots{$conf} += $_->{busy} / @{$boot{$conf}} for @{$boot{$conf}};
	push @{$of{$_->{modules}}}, $_ for @{$boot{$conf}};
	my ($most) = sort { @{$of{$b}} <=> @{$of{$a}} || $a <=> $b } keys %of;
	$others += @{$boot{$conf}} - @{$of{$most}};
	$boot{$conf} = $of{$most};
}
if ($boot{without} && $boot{with}) {
	my (%mean, %uniq);
	my ($spread, $error) = (0, 0);
	print "Debian 13 with Debian's cloud kernel of the same version, ext4 on virtio, one CPU, from the initramfs' first process to multi-user.target. ".
		"Counted is the time in which the CPU was not idle, by the tracepoints of going idle and waking; one nanosecond is one instruction. The interrupt that wakes it is not included.\n\n";
	head('', 'boots', 'mean', 'least', 'most', 'modules', 'seen by btf_tolerant', 'failed units');
	for my $conf (qw(without with)) {
		my @v = sort { $a <=> $b } map { $_->{busy} } @{$boot{$conf}};
		$mean{$conf} += $_ / @v for @v;
		$spread = $v[-1] - $v[0] if $v[-1] - $v[0] > $spread;
		$error += ($_ - $mean{$conf}) ** 2 / @v / (@v - 1 || 1) for @v;
		row("$conf the package", scalar @v, map({ m_($_) } $mean{$conf}, $v[0], $v[-1]),
			map { my $k = $_; %uniq = (); join(', ', grep { !$uniq{$_}++ } map { length($_->{$k} // '') ? $_->{$k} : '-' } @{$boot{$conf}}) } qw(modules seen failed));
	}
	my $more = $mean{with} - $mean{without};
	$error = sqrt($error);
	my @script = sort { $a <=> $b } map { $_->{script} } @{$boot{with}};
	my $script = 0;
	$script += $_ / @script for @script;
	printf "\nWith the package: %s more (%s), with a standard error of %s. Equal boots differ by up to %s. Boots that loaded another number of modules are left out (%d). ".
		"What the package runs, by the same clock and in the same boots: %s for its script in the initramfs, the shell and modprobe included (%s to %s). Of these, %s are for loading btf_tolerant (section 4). ".
		"After the initramfs nothing is run for it. What is not in it is a little for each module that is seen (section 1).\n\n",
		m_($more), pc(100 * $more / $mean{without}), m_($error), m_($spread), $others, m_($script), m_($script[0]), m_($script[-1]), $load ? m_($load) : 'most';
	my $all = $all_boots{with} - $all_boots{without};
	goal('boot, initramfs to multi-user.target: at most 25 M more', m_($script).' of '.m_($mean{without}), $script && $script <= 25e6, 'what the package runs. The boots as a whole differ by '.m_($more).', with a standard error of '.m_($error).'. Including boots that loaded another number of modules: '.m_($all).' more');
} else {
	print "Not measured.\n";
}

1;
