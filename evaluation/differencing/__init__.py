"""Each release against all earlier ones: what a reader who holds them all could take off each other.

What rounding guarantees by itself. A number of 8 or more is printed to the nearest 5, so it stands for 5 counts, and
the difference of two such numbers lies within 4 either side of what is printed: 10 and then 15 is 1 to 9 more, which
is no smaller than what "*" says. From 0 to "*" is 1 to 7, the same as "*". Two printed numbers alone therefore never
tell of a difference of 1 to 7 more than the rule lets out (with a base of 5 and a threshold of 7; not with a base of 1).

What it does not guarantee. Printed numbers hang together: answers add up to everybody offered support, every way
to divide people adds up to the same people, and those who ever accepted do not grow fewer. Four answers of 8, printed
10 each with a total of 30 (28 to 32), must be 8 each. If one more person answers by the next quarter, the total reads 35:
1 to 5 people more, though both releases kept the rule.

So the attack is the strongest one there is for these numbers: every count in every release is an unknown whole number
within what its printed form allows, tied by all such sums and orders, and the smallest and largest value of each
withheld count and of each difference are found exactly (integer programming). It succeeds where

1. a withheld count has one possible value left, or
2. the difference of two counts of the same thing lies in 1 to 7 and is known more closely than "*" would tell it.

Only what a new release adds counts against it. Sources: the national rule (HES and ECDS, since September 2018) says
what one number may tell; linking releases is the "differencing" of the ONS and GSS guidance on tables, and the audit by
programming is that of Fischetti and Salazar (Management Science 2001;47:1008). Not looked at: rates, ratios and
intervals, which the national rule lets out from exact numbers.
"""
