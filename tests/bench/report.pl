#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: report.pl DATA WORK: what tests/bench/run has measured, as Markdown; WORK/plot is
# for gnuplot. What is missing in DATA is said to be missing.
use strict;
use warnings;

my ($data, $work) = @ARGV;
my (%size, %fact, @goals);

sub lines {
	my ($name) = @_;
	open(my $f, '<', "$data/$name") or return ();
	chomp(my @l = <$f>);
	return @l;
}

# Of a file, the lines behind "pass NAME" up to the next
sub pass {
	my ($name, $pass) = @_;
	my ($in, @l);
	for (lines($name)) {
		if (/^pass (.*)/) { $in = $1 eq $pass; next }
		push @l, $_ if $in;
	}
	return @l;
}

# What bench_load says, by path; a path that is there more than once: its lowest
my @fields = qw(path err load coming live going slept gone gone_err tick);
sub loads {
	my %r;
	for (@_) {
		my %l;
		@l{@fields} = split /\t/;
		next unless defined $l{tick} && $l{coming} ne '-';
		$l{notifier} = $l{coming} + $l{live};
		my $old = $r{$l{path}};
		if ($old) {
			for (qw(load coming live going notifier gone)) {
				$l{$_} = $old->{$_} if $old->{$_} < $l{$_};
			}
		}
		$r{$l{path}} = \%l;
	}
	return \%r;
}

sub quantile {
	my ($q, @v) = @_;
	@v = sort { $a <=> $b } @v or return 0;
	my $i = int($q * @v);
	return $v[$i > $#v ? $#v : $i];
}
sub three { return (quantile(0.5, @_), quantile(0.95, @_), quantile(1, @_)) }

sub n {
	my ($v) = @_;
	return '-' unless defined $v;
	$v = sprintf('%.0f', $v);
	1 while $v =~ s/^(-?\d+)(\d{3})/$1,$2/;
	return $v;
}
sub m_ { return sprintf('%.2f M', $_[0] / 1e6) }
sub pc { return $_[0] < 0.1 && $_[0] > -0.1 ? sprintf('%.4f %%', $_[0]) : sprintf('%.1f %%', $_[0]) }
sub row { print '| ', join(' | ', @_), " |\n" }
sub head { row(@_); row(map { '---' } @_) }
sub module {
	my ($path) = @_;
	return $path =~ m{giants/amdgpu} ? 'the BTF of amdgpu' : $path =~ s|.*/(.*)\.ko$|$1|r;
}
sub goal { push @goals, [@_] }	# goal, number, reached (1, 0, undef: not measured), remark

# The lower of both runs; and by how much they differ
sub both {
	my ($name, $pass, $key) = @_;
	my ($a, $b) = map { loads(pass("$name.$_", $pass)) } 1, 2;
	my (%r, @diff);
	for my $p (keys %$a) {
		next unless $b->{$p};
		next if $a->{$p}{err} ne $b->{$p}{err};
		my ($x, $y) = ($a->{$p}, $b->{$p});
		$r{$p} = { %$x };
		for (qw(load coming live going notifier gone)) {
			$r{$p}{$_} = $y->{$_} if $y->{$_} < $x->{$_};
		}
		$r{$p}{slept} += $y->{slept};
		$r{$p}{tick} += $y->{tick};
		$r{$p}{differ} = 100 * abs($x->{load} - $y->{load}) / $x->{load};
		$r{$p}{differ_notifier} = $x->{notifier} ?
			100 * abs($x->{notifier} - $y->{notifier}) / $x->{notifier} : 0;
	}
	return \%r;
}

# Durations of function_graph, in instructions, by function.
# A duration at a closing brace is the function's whose line opened it.
sub graph_nested {
	my (@open, %r);
	for (@_) {
		next unless /^\s*\d+\)(.*?)\|(.*)$/;
		my ($time, $what) = ($1, $2);
		my $us = $time =~ /([\d.]+) us/ ? $1 : undef;
		if ($what =~ /(\w+)(?: \[\w+\])?\(\) \{/) {
			push @open, $1;
		} elsif ($what =~ /(\w+)(?: \[\w+\])?\(\);/) {
			$r{$1} += $us * 1000 if defined $us;
		} elsif ($what =~ /\}/ && @open) {
			my $f = pop @open;
			$r{$f} += $us * 1000 if defined $us;
		}
	}
	return \%r;
}

for (lines('facts')) { my ($k, $v) = split /\t/; $fact{$k} = $v }
for (lines('load.sizes'), lines('module.sizes')) { my ($p, $s) = split /\t/; $size{$p} = $s }

# --- gather ------------------------------------------------------------------

my %matching = map { $_ => both("load-$_", 'matching') } qw(stock 0 1 2);
my %mismatched = map { $_ => both("load-$_", 'mismatched') } qw(1 2);

# What has come to the notifier each time, undisturbed. Its init may fail behind that, if it
# always does; the kernel then waits for RCU, on its way out.
sub usable {
	my @of = @_;
	return grep {
		my $p = $_;
		!grep { !$_->{$p} || $_->{$p}{err} ne $of[0]{$p}{err} || $_->{$p}{tick} } @of;
	} sort keys %{$of[0]};
}
# And those that do not pause, in their init: what passes meanwhile counts, too.
sub awake {
	my ($p, @of) = @_;
	return !grep { $_->{$p}{slept} && !$_->{$p}{err} } @of;
}
my @usable = usable(@matching{qw(stock 0 1 2)});
my @usable_bad = usable(@mismatched{qw(1 2)});
my @many = grep { @$_ > 1 } map { my $n = $_; [ $n, map { loads(pass("many.$_", $n)) } 1, 2 ] } 0, 100, 1000, 4000;
@many = grep { %{$_->[1]} && %{$_->[2]} } @many;
# What a line in the log takes: at the end, its rate limit has been reached.
my $log = 0;
if (@many > 1) {
	my ($p) = grep { m|^/mismatched/| } keys %{$many[0][1]};
	$log = $many[0][1]{$p}{notifier} - $many[-1][1]{$p}{notifier};
}

my $text = '';
open(my $body, '>', \$text) or die;
my $stdout = select($body);

print "## 1. A module that matches\n\n";
my (@spread, @spread_notifier);
if (@usable) {
	my $stock = $matching{stock};
	my @failed = grep { $stock->{$_}{err} } @usable;
	my @awake = grep { awake($_, @matching{qw(stock 0 1 2)}) } @usable;
	printf "%d of %d modules (the others are not let to come, or were disturbed), with BTF of %s to %s bytes (median %s). ".
		"The init of %d fails, mostly for want of hardware: their load ends there. %d wait for something in their init: ".
		"they are not in the rows \"whole load\", and for \"of the whole load\" theirs is longer than it would be without. ".
		"Notifier: its calls when the module comes and when it goes live. With btf_tolerant: what it adds to stock's.\n\n",
		scalar @usable, scalar keys %$stock,
		map { n($_) } (sort { $a <=> $b } map { $size{$_} } @usable)[0, -1], quantile(0.5, map { $size{$_} } @usable), scalar @failed, @usable - @awake;
	head('instructions', 'median', '95th percentile', 'worst', 'worst is');
	my $line = sub {
		my ($what, $of, $fmt, @of) = @_;
		@of = @usable unless @of;
		my ($p) = sort { $of->($b) <=> $of->($a) } @of;
		row($what, (map { $fmt->($_) } three(map { $of->($_) } @of)), module($p));
		return three(map { $of->($_) } @of);
	};
	my @whole = grep { !m{giants/amdgpu} } @usable;
	my @load_whole = grep { !m{giants/amdgpu} } @awake;
	$line->('stock: whole load', sub { $stock->{$_[0]}{load} }, \&n, @awake);
	$line->('stock: notifier', sub { $stock->{$_[0]}{notifier} }, \&n);
	for my $c (0, 1, 2) {
		my $ours = $matching{$c};
		my @add = $line->("policy $c: notifier, more", sub { $ours->{$_[0]}{notifier} - $stock->{$_[0]}{notifier} }, \&n);
		my @ofn = $line->("policy $c: the same, of stock's notifier",
			sub { 100 * ($ours->{$_[0]}{notifier} / $stock->{$_[0]}{notifier} - 1) }, \&pc);
		my @ofl = $line->("policy $c: the same, of the whole load",
			sub { 100 * ($ours->{$_[0]}{notifier} - $stock->{$_[0]}{notifier}) / $stock->{$_[0]}{load} }, \&pc, @whole);
		my @load = $line->("policy $c: whole load, more (see below)", sub { $ours->{$_[0]}{load} - $stock->{$_[0]}{load} }, \&n, @load_whole);
		if ($c == 1) {
			goal('a matching load at policy 1: at most 5,000 instructions more', n($add[2]), $add[2] <= 5000,
				'worst, of what runs btf_tolerant, the notifier; median '.n($add[0]).'. The whole load differs by '.n($load[0]).' (median), '.
				n(quantile(0.05, map { $ours->{$_}{load} - $stock->{$_}{load} } @load_whole)).' to '.n($load[1]).' (5th and 95th percentile), both ways: see section 1');
		} elsif ($c == 2) {
			goal("a matching load at policy 2: at most 5 % of what btf_module_notify costs", pc($ofn[2]), $ofn[2] <= 5,
				'worst; median '.pc($ofn[0]).'; reached by '.scalar(grep { $ours->{$_}{notifier} / $stock->{$_}{notifier} <= 1.05 } @usable).' of '.scalar(@usable));
			my @over = grep { ($ours->{$_}{notifier} - $stock->{$_}{notifier}) / $stock->{$_}{load} > 0.005 } @whole;
			goal('the same: at most 0.5 % of the whole load', pc($ofl[2]), $ofl[2] <= 0.5, 'worst; median '.pc($ofl[0]).
				', above it: '.(@over ? scalar(@over).' of '.scalar(@whole).' ('.join(', ', map { module($_) } @over).')' : 'none').
				'. The 20 where BTF is most of the load are among them, of those without dependencies. Without amdgpu, whose BTF is here in a small module');
		}
	}
	for my $c (keys %matching) {
		push @spread, map { $matching{$c}{$_}{differ} } @awake;
		push @spread_notifier, map { $matching{$c}{$_}{differ_notifier} } @usable;
	}
	printf "\nThe two runs differ by %s (median), %s (95th percentile), %s (worst) in the whole load, by %s, %s, %s in the notifier. ".
		"What of the whole load is not the notifier runs no code of btf_tolerant. It differs all the same, both ways and partly the same in both runs: ".
		"memory is found elsewhere when btf_tolerant has some.\n\n",
		map { pc($_) } three(@spread), three(@spread_notifier);
	# Policy 2 was measured once more, with the same random numbers.
	my ($once, $again) = (loads(pass('load-2.1', 'matching')), loads(pass('load-again.1', 'matching')));
	my $differ = sub { my ($k) = @_; return map { 100 * abs($once->{$_}{$k} - $again->{$_}{$k}) / $once->{$_}{$k} } grep { $again->{$_} } @awake };
	my @same = map { quantile(1, $differ->($_)) } qw(notifier load);
	my @few = grep { $_ } map { abs($once->{$_}{notifier} - $again->{$_}{notifier}) } grep { $again->{$_} } @awake;
	my $others = 'with other random numbers: notifier '.pc(quantile(0.95, @spread_notifier)).', whole load '.pc(quantile(0.95, @spread)).
		' (95th percentile; median '.pc(quantile(0.5, @spread_notifier)).' and '.pc(quantile(0.5, @spread)).', worst '.
		pc(quantile(1, @spread_notifier)).' and '.pc(quantile(1, @spread)).'): where memory is found differs';
	goal('repeated runs agree to 0.01 %: whole load', pc($same[1]), $same[1] <= 0.01, 'worst, with policy 2 and the same random numbers; '.$others);
	goal('the same: notifier', pc($same[0]), $same[0] <= 0.01, "worst, with the same random numbers: ".scalar(@few).' of '.scalar(@awake).' differ, by '.quantile(1, @few).' instructions at most');
	my @giants = grep { m{/giants/} } @usable;
	if (@giants) {
		print "The largest:\n\n";
		head('module', 'bytes of BTF', 'stock: whole load', 'stock: notifier', 'policy 1: more', 'policy 2: more');
		for my $p (@giants) {
			row(module($p), map { n($_) } $size{$p}, $stock->{$p}{load}, $stock->{$p}{notifier},
				map { $matching{$_}{$p}{notifier} - $stock->{$p}{notifier} } 1, 2);
		}
		print "\n";
	}
} else {
	print "Not measured.\n\n";
	goal("a matching load at policy $_", '', undef, '') for 1, 2;
}

print "## 2. A module that does not match\n\n";
my $half = "a mismatched load at policy 2: at most half of the upstream option's notifier, aiming at a tenth";
# The upstream option, and btf_tolerant at 1 and 2; what the goal says of it
sub against {
	my ($head, $remark, $on, @off) = @_;
	my @p = usable($on, @off);
	return 0 unless @p;
	printf $head."\n\n", scalar @p;
	head('instructions', 'median', '95th percentile', 'worst');
	row('upstream option: notifier', map { n($_) } three(map { $on->{$_}{notifier} } @p));
	for my $c (1, 2) {
		my $of = $off[$c - 1];
		my @r = map { 100 * $of->{$_}{notifier} / $on->{$_}{notifier} } @p;
		row("policy $c: notifier", map { n($_) } three(map { $of->{$_}{notifier} } @p));
		row("policy $c: the same, of the upstream option's", map { pc($_) } three(@r));
		next if $c == 1;
		my $all = 0;
		$all += $on->{$_}{notifier} for @p;
		my $ours = 0;
		$ours += $of->{$_}{notifier} for @p;
		my ($worst) = sort { $of->{$b}{notifier} / $on->{$b}{notifier} <=> $of->{$a}{notifier} / $on->{$a}{notifier} } @p;
		$remark .= '. The worst is '.module($worst);
		goal($half, pc(quantile(1, @r)), quantile(1, @r) <= 50, sprintf('worst; median %s; all modules together %s; above half: %d of %d, above the option\'s own: %d. %s',
			pc(quantile(0.5, @r)), pc(100 * $ours / $all), scalar(grep { $_ > 50 } @r), scalar @r, scalar(grep { $_ > 100 } @r), $remark));
	}
	row('upstream option: whole load', map { n($_) } three(map { $on->{$_}{load} } @p));
	for my $c (1, 2) {
		row("policy $c: whole load", map { n($_) } three(map { $off[$c - 1]{$_}{load} } @p));
	}
	print "\n";
	my @d = map { $on->{$_}{differ_notifier} } @p;
	push @d, map { my $o = $_; map { $o->{$_}{differ_notifier} } @p } @off;
	printf "The two runs differ by %s (median), %s (95th percentile), %s (worst) in the notifier.\n\n", map { pc($_) } three(@d);
	return 1;
}
my $built = against('%d rebased modules of a small kernel of the same version, built with CONFIG_MODULE_ALLOW_BTF_MISMATCH (upstream option), '.
	'and without it, with btf_tolerant. It has no signatures.', 'The same version, built twice',
	both('upstream-on', 'mismatched'), both('upstream-off-1', 'mismatched'), both('upstream-off-2', 'mismatched'));
print "Two kernels of the same version, with and without the option: not measured (stage upstream).\n\n" unless $built;
my ($option) = lines('option-release');
$option //= '';
my $stock_option = against("Debian 13's stock kernel, $option, has the option. %d rebased modules there, and the same on the same kernel with btf_tolerant; ".
	"at policy 1 btf_tolerant finds out that the kernel has left out the BTF.", "Debian 13's $option",
	both('option-stock', 'mismatched'), both('option-1', 'mismatched'), both('option-2', 'mismatched'));
print "A stock kernel with the option: not measured (stage option).\n\n" unless $stock_option;
goal($half, '', undef, 'neither stage upstream nor option was run') unless $built || $stock_option;
if (@usable_bad) {
	printf "%d rebased modules on $fact{release}; at policy 1 its parser runs into the mismatch, and says so in the log. ".
		"They are without signature, as most of another build are.\n\n", scalar @usable_bad;
	head('instructions', 'median', '95th percentile', 'worst');
	for my $c (1, 2) {
		row("policy $c: notifier", map { n($_) } three(map { $mismatched{$c}{$_}{notifier} } @usable_bad));
		row("policy $c: whole load", map { n($_) } three(map { $mismatched{$c}{$_}{load} } @usable_bad));
	}
	row('policy 2 of policy 1: notifier', map { pc($_) } three(map { 100 * $mismatched{2}{$_}{notifier} / $mismatched{1}{$_}{notifier} } @usable_bad));
	print "\n";
}
goal('at least 100 matching and 100 rebased modules', scalar(@usable).' and '.scalar(@usable_bad), @usable >= 100 && @usable_bad >= 100, '');

print "## 3. When many have been dropped\n\n";
if (@many) {
	head('dropped so far', 'matching: notifier, coming + live', 'going', 'mismatched: notifier, coming + live', 'going', 'whole load, matching', 'mismatched');
	my (%first, %last);
	for (@many) {
		my ($n, $a, $b) = @$_;
		my %v;
		for my $kind (qw(matching mismatched)) {
			my ($p) = grep { m|^/$kind/| } keys %$a;
			for (qw(notifier going load)) {
				my ($x, $y) = ($a->{$p}{$_}, $b->{$p}{$_});
				$v{"$kind $_"} = $x < $y ? $x : $y;
			}
		}
		%first = %v unless %first;
		%last = %v;
		row(n($n), map { n($v{$_}) } 'matching notifier', 'matching going', 'mismatched notifier', 'mismatched going', 'matching load', 'mismatched load');
	}
	printf "\nOf a mismatched load, %s are for the line in the log, whose limit has been reached at the end. ".
		"The whole load grows by what the kernel itself looks for among the modules.\n\n", n($log);
	my $more = 0;
	for (grep { /notifier|going/ } keys %last) {
		my $d = $last{$_} - $first{$_};
		$more = $d if $d > $more;
	}
	goal('the cost does not grow with the number of dropped modules', n($more).' instructions more at '.n($many[-1][0]), $more < 200,
		'the worst of loading and unloading: '.n($last{'matching notifier'} - $first{'matching notifier'}).' a matching load, '.
		n($last{'mismatched notifier'} - $first{'mismatched notifier'}).' a mismatched one, '.
		n($last{'mismatched going'} - $first{'mismatched going'}).' its unloading');
} else {
	print "Not measured.\n\n";
	goal('the cost does not grow with the number of dropped modules', '', undef, 'stage many was not run');
}
my %eight = map { /^(\w+) (\d+)$/ ? ($1, $2) : () } pass('eight.1', 'eight');
if (defined $eight{ours}) {
	printf "Eight tasks that load %s mismatched modules at once on two CPUs, half of them with policy 1 and half with policy 2, have waited for a lock %s times; for one of ours: %s times ".
		"(one that lies in btf_tolerant's memory). QEMU runs the two CPUs in turns: which waits there are depends on where it switches.\n\n",
		map { n($eight{$_}) } qw(loads contended ours);
	goal('eight tasks load at once: no lock of ours is held while the kernel parses', n($eight{ours}).' of '.n($eight{contended}).' waits for a lock were for ours',
		$eight{ours} == 0 && $eight{contended} > 0, '');
} else {
	print "Eight tasks at once: not measured.\n\n";
	goal('eight tasks load at once: no lock of ours is held while the kernel parses', '', undef, '');
}

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
		['- - its types counted', 'btf_check'], ['- - its types counted', 'btf_count_types'], ['- - where its strings begin', 'btf_base_note_strings'],
		['- take the place of the kernel\'s notifier', 'kernel_block_replace'], ['- hook', 'ftrace_hook_install'], ['- - find the function by name', 'hook_set_filter'],
		['- - ftrace puts the callback there', 'register_ftrace_function'],
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
	print "\nSlab: what it has itself allocated and not freed. What the kernel keeps for its files in /proc is not in it.\n\n";
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
	printf "%d modules, measured with the function graph tracer (its own part in it, %s instructions a call, is taken off). ".
		"An instruction is a nanosecond of this clock.\n\n", scalar @checked, n($tracer);
	head('instructions per byte of BTF', 'over all', 'median', '95th percentile', 'worst');
	my $f2 = sub { sprintf '%.2f', $_[0] };
	row('btf_check()', $f2->($mine / $sum), map { $f2->($_) } three(map { $check{$_}{btf_check} / $size{$_} } @checked));
	row('btf_check_all_metas()', $f2->($theirs / $sum), map { $f2->($_) } three(map { $check{$_}{btf_check_all_metas} / $size{$_} } @checked));
	row('first of second', pc(100 * $mine / $theirs), map { pc($_) } three(map { 100 * $check{$_}{btf_check} / $check{$_}{btf_check_all_metas} } @checked));
	print "\n";
	my ($bytes, $ns) = map { split /\t/ } lines('ns');
	my ($cpu) = lines('cpu');
	printf "As a program, the checker takes %.2f ns a byte for the same on the machine that QEMU ran on (%s), with all of it in the cache; this is time, and differs each time. The kernel's parser cannot be run there.\n\n",
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
	print "A .BTF section of 16 MiB, which is the most that the check looks at. ".
		"\"Longest gap\": the time that another task could not run, on the one CPU.\n\n";
	head('16 MiB of', 'btf_check()', 'per byte', 'whole load, policy 1', 'policy 2', 'longest gap, policy 1', 'policy 2');
	my %what = (members => 'struct members', values => 'enum values', params => 'parameters', types => 'types without more',
		string => 'one string', zeros => 'empty strings');
	my $most = 0;
	for (sort keys %w) {
		my $x = $w{$_};
		row($what{$_}, n($x->{check}), sprintf('%.2f', ($x->{check} || 0) / (16 << 20)), map { n($_) } $x->{1}[3], $x->{2}[3], $x->{1}[2], $x->{2}[2]);
		$most = $x->{check} if ($x->{check} || 0) > $most;
	}
	my @gaps = map { $w{$_}{2}[2] } keys %w;
	printf "\nThe checker takes at most %s for it; it takes no lock, and runs in the task that loads the module, with the chain of notifiers locked for reading, as the parser does. ".
		"There is no point in it where another task is let run, and none in the parser: this kernel preempts both (CONFIG_PREEMPT_LAZY), one that does not, as Debian's 6.12, ".
		"lets others run behind them. A soft lockup takes 20 s.\n\n", m_($most);
	goal('16 MiB of the worst BTF: time bounded, and others can run', m_($most).' ('.sprintf('%.1f', $most / (16 << 20)).' a byte), gap '.m_(quantile(1, @gaps)),
		$most < 1e8 && quantile(1, @gaps) < 1e8, 'bound: a tenth of a second (1e8) in which no other task runs, with preemption (the gap) or without (the checker)');
} else {
	print "Not measured.\n\n";
	goal('16 MiB of the worst BTF: time bounded, and others can run', '', undef, '');
}

print "## 7. Boot\n\n";
# Instructions of a boot, in millions, in the order of the boots
my %boot;
for my $conf (qw(without with)) {
	for my $i (1 .. 99) {
		my %l = map { /^(\w+) (.*)/ ? ($1, $2) : () } lines("boot-$conf.$i");
		next unless $l{start} && $l{end};
		my ($now, $idle) = split / /, $l{end};
		my ($then, $was_idle) = split / /, $l{start};
		push @{$boot{$conf}}, { busy => ($now - $then) - ($idle - $was_idle), all => $now - $then, %l };
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
		"The time that the CPU was not idle, between the tracepoints of going idle and waking: an instruction is a nanosecond. The interrupt that wakes it is not in it.\n\n";
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
	printf "\nWith the package: %s more (%s), with a standard error of %s; equal boots differ by up to %s; left out are those that loaded another number of modules (%d). Of it, %s are for loading btf_tolerant (section 4), and a little for ".
		"each module that is seen (section 1). What the package adds besides, and was not measured apart, is three programs: modprobe in the initramfs, and later modprobe and what it calls for modules-load.d.\n\n",
		m_($more), pc(100 * $more / $mean{without}), m_($error), m_($spread), $others, $load ? m_($load) : 'some';
	my $all = $all_boots{with} - $all_boots{without};
	goal('boot, initramfs to multi-user.target', m_($more).' more of '.m_($mean{without}), '-', 'no goal was set; standard error '.m_($error).'. With those boots that loaded another number of modules: '.m_($all).' more');
} else {
	print "Not measured.\n";
}

select($stdout);
open(my $plot, '>', "$work/plot") or die "$work/plot: $!\n";
for (@usable) {
	print $plot join("\t", $size{$_}, $matching{stock}{$_}{load}, $matching{stock}{$_}{notifier},
		map { $matching{$_->[0]}{$_->[1]}{notifier} - $matching{stock}{$_->[1]}{notifier} } [1, $_], [2, $_]), "\n";
}
close($plot);

print <<"MD";
# What it costs

Written by `make bench`; do not edit. btf_tolerant $fact{version} on Debian's $fact{release}, counted by QEMU $fact{qemu}.

## Reached, or not

MD
head('goal', 'measured', 'reached', '');
row($_->[0], $_->[1], defined $_->[2] ? ($_->[2] eq '-' ? '-' : $_->[2] ? 'yes' : '**no**') : 'not measured', $_->[3] // '') for @goals;
# What stands in the way, by a part of the goal's name
my @why = (
	['at most 5 % of what btf_module_notify' => 'The check reads each type and each name once, with some 12 instructions a name and 20 to 35 a type (callgrind). '.
		'To step over the types and look at their own names only would take half of that, which is above 5 % for some already. To leave out members and parameters of large modules, once '.
		'hundreds of names have begun strings, was tried and taken back: it kept up to a quarter of the wrong BTF that is found now where the strings of two builds are of the same length, but in another order.'],
	['the same: at most 0.5 %' => 'Those above it have much BTF for their size, more than 100 KB. The same loop as above would have to be quicker by more than a third.'],
	['the same: notifier' => 'Why some of these calls differ, though the random numbers are the same, is not known. Of a call of less than 40,000, four instructions are more than 0.01 %.'],
	["upstream option's notifier" => 'The option says one line for all modules, btf_tolerant one for each, which is most of what it costs: '.n($log).' for one module (section 3). That is by choice: '.
		'who looks for the reason why a module has no BTF looks there. And the option\'s kernel has little to do for a small module: it gives up at the first type that is wrong. '.
		'The worst, cast_common, is what the check cannot tell (docs/VERIFY.md): there the parser is asked, too.'],
);
for my $why (@why) {
	my ($of, $text) = @$why;
	print "\n- Why not \"$of ...\": $text" if grep { index($_->[0], $of) >= 0 && defined $_->[2] && !$_->[2] } @goals;
}
print "\n";
my %of;
for my $stage (qw(load option many eight module worst boot upstream)) {
	my ($of) = lines("$stage.of");
	push @{$of{$of}}, $stage if defined $of;
}
print "\nMeasured is the module as of commit ", join('; ', map { %of > 1 ? "$_ (".join(', ', @{$of{$_}}).')' : $_ } sort keys %of), ".\n";
print <<"MD";

![what a matching module's BTF costs, by its size](performance.svg)

## How to repeat it

    make bench

On Debian, installs what it needs with apt; the first time it also builds two kernels, which takes half an hour or more. `tests/bench/run --help` says how to
run a part of it.

## How to read it

QEMU emulates the machine (TCG, one CPU) with `-icount shift=0,sleep=off`: its clock advances by one nanosecond for each guest instruction,
and so does the time stamp counter. So these are numbers of instructions, the kernel's and, around a load, a few of the task that loads. They say
nothing of caches or of branch prediction. A string instruction (`rep movsb`) counts once for each
of its steps.

"Whole load" is one call of finit_module(): signature, relocation, notifiers, the module's own init. "Notifier" is the call of
btf_module_notify() only, with what has hooked it: a test module puts one block before it in the kernel's chain
of module notifiers and one behind, which read the counter; no tracer is in the way. Each load begins just behind a timer
interrupt, and the next is put off until it is done. Modules that sleep meanwhile are left out.
Each configuration has a boot of its own, all loads come in the same order, and
everything is measured twice, with other random numbers (`-seed`), and twice in each boot, unless the modules have to stay. The lowest value counts. Policy 2 is measured
once more with the same random numbers.

The BTF of amdgpu is carried by a small module (nls mac-romanian with another .BTF section, and so without
signature): loading amdgpu itself takes the kernel many billions of instructions (xe three), most of them to look up its functions' names for ftrace.

MD
print $text;
