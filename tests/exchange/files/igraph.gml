Creator "igraph version 0.10.4 Sat Nov 28 10:00:00 2026"
Version 1
# a comment with a [ bracket
graph
[
  directed 0
  node
  [
    id 1
    name "caf&eacute; &#233;"
    tags "a"
    tags "b"
    weight -Inf
    big 12345678901234567890
  ]
  node
  [
    nan "foo"
  ]
  edge
  [
    source 1
    target 7
    weight -0.45
  ]
  edge
  [
    source 1
    target 7
  ]
]
graph [ node [ id 1 ] ]
