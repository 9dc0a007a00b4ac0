#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: report.pl DATA WORK: what tests/bench/run has measured, as Markdown; WORK/plot is
# for gnuplot. What is missing in DATA is said to be missing. report.md is the template.
use strict;
use warnings;
use FindBin;
use Text::Wrap;

our ($data, $work) = @ARGV;
our (%size, %fact, @goals);

# part FILE: run it as a part of this
sub part {
	my ($file) = @_;
	do "$FindBin::Bin/$file" or die $@ || "$file: $!\n";
}
part('measured.pl');

for (lines('facts')) { my ($k, $v) = split /\t/; $fact{$k} = $v }
for (lines('load.sizes'), lines('module.sizes')) { my ($p, $s) = split /\t/; $size{$p} = $s }

# --- gather ------------------------------------------------------------------

our %matching = map { $_ => both("load-$_", 'matching') } qw(stock 0 1 2);
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
our @usable = usable(@matching{qw(stock 0 1 2)});
my @usable_bad = usable(@mismatched{qw(1 2)});
my @many = grep { @$_ > 1 } map { my $n = $_; [ $n, map { loads(pass("many.$_", $n)) } 1, 2 ] } 0, 100, 1000, 4000;
@many = grep { %{$_->[1]} && %{$_->[2]} } @many;
# What a line in the log takes: at the end, its rate limit has been reached.
our $log = 0;
if (@many > 1) {
	my ($p) = grep { m|^/mismatched/| } keys %{$many[0][1]};
	$log = $many[0][1]{$p}{notifier} - $many[-1][1]{$p}{notifier};
}

our $text = '';
open(my $body, '>', \$text) or die;
our $stdout = select($body);

print "## 1. A module that matches\n\n";
my (@spread, @spread_notifier);
if (@usable) {
	my $stock = $matching{stock};
	my @failed = grep { $stock->{$_}{err} } @usable;
	my @awake = grep { awake($_, @matching{qw(stock 0 1 2)}) } @usable;
	printf "%d of %d modules, with BTF of %s to %s bytes (median %s). ".
		"The others were refused, or disturbed while they were measured. The init of %d fails, mostly because there is no hardware: their load ends there. %d wait for something in their init, which makes their load longer: ".
		"they are not in the rows \"whole load\", and for \"of the whole load\" their load includes the wait. ".
		"Notifier: its two calls, when the module comes and when it goes live. With btf_tolerant: what is added to stock's.\n\n",
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
		"Outside the notifier no code of btf_tolerant runs. That part differs all the same, in both directions, and partly alike in both runs: ".
		"the allocator finds memory elsewhere once btf_tolerant has some.\n\n",
		map { pc($_) } three(@spread), three(@spread_notifier);
	# Policy 2 was measured once more, with the same random numbers.
	my ($once, $again) = (loads(pass('load-2.1', 'matching')), loads(pass('load-again.1', 'matching')));
	my $differ = sub { my ($k) = @_; return map { 100 * abs($once->{$_}{$k} - $again->{$_}{$k}) / $once->{$_}{$k} } grep { $again->{$_} } @awake };
	my @same = map { quantile(1, $differ->($_)) } qw(notifier load);
	my @few = grep { $_ } map { abs($once->{$_}{notifier} - $again->{$_}{notifier}) } grep { $again->{$_} } @awake;
	my $others = 'with other random numbers: notifier '.pc(quantile(0.95, @spread_notifier)).', whole load '.pc(quantile(0.95, @spread)).
		' (95th percentile; median '.pc(quantile(0.5, @spread_notifier)).' and '.pc(quantile(0.5, @spread)).', worst '.
		pc(quantile(1, @spread_notifier)).' and '.pc(quantile(1, @spread)).'): the allocator finds memory elsewhere';
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
	"at policy 1 btf_tolerant finds that the kernel has left out the BTF.", "Debian 13's $option",
	both('option-stock', 'mismatched'), both('option-1', 'mismatched'), both('option-2', 'mismatched'));
print "A stock kernel with the option: not measured (stage option).\n\n" unless $stock_option;
goal($half, '', undef, 'neither stage upstream nor option was run') unless $built || $stock_option;
if (@usable_bad) {
	printf "%d rebased modules on $fact{release}; at policy 1 its parser finds the mismatch and prints it. ".
		"They have no signature, as most modules of another build.\n\n", scalar @usable_bad;
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
	printf "\nOf a mismatched load, %s are for the line in the log; at 1,000 and more its rate limit has been reached. ".
		"The whole load grows because the kernel itself searches its list of modules.\n\n", n($log);
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
	printf "Eight tasks that load %s mismatched modules at once on two CPUs, half of them at policy 1 and half at policy 2, waited for a lock %s times, and for one of btf_tolerant's %s times ".
		"(one in its memory). QEMU lets the two CPUs take turns: which waits there are depends on where it switches.\n\n",
		map { n($eight{$_}) } qw(loads contended ours);
	goal('eight tasks load at once: no lock of ours is held while the kernel parses', n($eight{ours}).' of '.n($eight{contended}).' waits for a lock were for ours',
		$eight{ours} == 0 && $eight{contended} > 0, '');
} else {
	print "Eight tasks at once: not measured.\n\n";
	goal('eight tasks load at once: no lock of ours is held while the kernel parses', '', undef, '');
}

part('machine.pl');
part('doctor.pl');
select($stdout);
open(my $plot, '>', "$work/plot") or die "$work/plot: $!\n";
for (@usable) {
	print $plot join("\t", $size{$_}, $matching{stock}{$_}{load}, $matching{stock}{$_}{notifier},
		map { $matching{$_->[0]}{$_->[1]}{notifier} - $matching{stock}{$_->[1]}{notifier} } [1, $_], [2, $_]), "\n";
}
close($plot);


sub goals {
	my $out = '';
	open(my $to, '>', \$out) or die;
	my $old = select($to);
	head('goal', 'measured', 'reached', '');
	row($_->[0], $_->[1], defined $_->[2] ? ($_->[2] eq '-' ? '-' : $_->[2] ? 'yes' : '**no**') : 'not measured', $_->[3] // '') for @goals;
	select($old);
	return $out;
}

sub commits {
	my %of;
	for my $stage (qw(load option many eight module worst boot upstream)) {
		my ($of) = lines("$stage.of");
		push @{$of{$of}}, $stage if defined $of;
	}
	return "\n\nThe module that was measured is that of commit ".
		join('; ', map { %of > 1 ? "$_ (".join(', ', @{$of{$_}}).')' : $_ } sort keys %of).".\n";
}

my $page = '';
open(my $template, '<', "$FindBin::Bin/report.md") or die "report.md: $!\n";
while (<$template>) {
	# What stands in the way, by a part of the goal's name
	if (/^\{why (.*?)\}(.*)/) {
		my ($of, $why) = ($1, $2);
		$why =~ s/\{log\}/n($log)/e;
		$page .= "\n- Why not \"$of ...\": $why" if grep { index($_->[0], $of) >= 0 && defined $_->[2] && !$_->[2] } @goals;
		next;
	}
	s/^\{goals\}\n/goals()/e || s/^\{commits\}\n/commits()/e || s/^\{sections\}\n/$text/ || s/\{(version|release|qemu)\}/$fact{$1} \/\/ ''/ge;
	$page .= $_;
}
# Prose is wrapped; tables, code and pictures are not.
$Text::Wrap::columns = 91;
$Text::Wrap::huge = 'overflow';
print /^(\||!|    )/ || length() <= 90 ? "$_\n" : wrap('', /^- / ? '  ' : '', $_)."\n" for split /\n/, $page;
