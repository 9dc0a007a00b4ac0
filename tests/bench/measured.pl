# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/bench/run has written, and how numbers are said. Part of report.pl.
use strict;
use warnings;

our (@goals, $data);

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

1;
