# From the output of `ctest -V`: a line for every test that ran, `PASS name`, `FAIL name` or
# `SKIP name: reason`, and with failures=1 what the failing ones said instead. A GoogleTest program
# counts as its cases, any other as one test.
{ sub(/\r$/, "") }

# 12: what test 12 printed.
match($0, /^[0-9]+: /) {
  test = substr($0, 1, RLENGTH - 2)
  line = substr($0, RLENGTH + 1)
  if (line ~ /^(Test command|Working Directory|Test timeout computed|Environment variables)/) next
  if (line ~ /^\[ RUN      \] /) {
    running[test] = substr(line, 14)
    said[test] = ""
    is_gtest[test] = 1
  } else if (line ~ /^\[       OK \] .* \([0-9]+ ms\)$/) {
    passed[test]++
    said[test] = running[test] = ""
  } else if (line ~ /^\[  SKIPPED \] .* \([0-9]+ ms\)$/) {
    note(running[test], said[test])
    said[test] = running[test] = ""
  } else if (line ~ /^\[  FAILED  \] .* \([0-9]+ ms\)$/) {
    failed[test]++
    output[test] = output[test] said[test] line "\n"
    name = line
    sub(/^\[  FAILED  \] /, "", name)
    sub(/( \(|, where ).*$/, "", name)
    failures_of[test] = failures_of[test] "FAIL " name "\n"
    said[test] = running[test] = ""
  } else {
    said[test] = said[test] line "\n"
  }
  next
}

#  3/20 Test  #3: name .......***Failed   0.01 sec
match($0, /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: /) {
  test = $0
  sub(/^[^#]*#/, "", test)
  sub(/:.*$/, "", test)
  name = substr($0, RLENGTH + 1)
  sub(/ .*$/, "", name)
  order[++count] = test
  names[test] = name
  if ($0 ~ /\*\*\*Skipped/) verdict[test] = "skipped"
  else if ($0 ~ / Passed +[0-9.]+ sec/) verdict[test] = "passed"
  else { verdict[test] = "failed"; how[test] = $0 }
}

# "file:line: Skipped" and the words of GTEST_SKIP(), or the last words of a program.
function note(name, text,    lines, n, i, reason) {
  n = split(text, lines, "\n")
  for (i = 1; i <= n; ++i) {
    if (lines[i] ~ /: Skipped$/ || lines[i] ~ /^\[/ || lines[i] == "") continue
    reason = lines[i]
  }
  skips = skips "SKIP " name ": " (reason == "" ? "says no reason" : reason) "\n"
}

function times(n, text) { while (n-- > 0) printf "%s\n", text }

END {
  for (i = 1; i <= count; ++i) {
    test = order[i]
    if (failures == "") {
      if (is_gtest[test]) {
        times(passed[test], "PASS " names[test])
        printf "%s", failures_of[test]
        # A crash names no case; what ran then is what failed.
        if (verdict[test] == "failed" && failed[test] == 0) {
          printf "FAIL %s%s\n", names[test], running[test] == "" ? "" : ": " running[test]
        }
      } else if (verdict[test] == "passed") {
        print "PASS " names[test]
      } else if (verdict[test] == "failed") {
        print "FAIL " names[test]
      } else {
        note(names[test], said[test])
      }
    } else if (verdict[test] == "failed") {
      sub(/^ +/, "", how[test])
      printf "\n%s\n%s%s", how[test], output[test], said[test]
    }
  }
  if (failures == "") printf "%s", skips
}
