graph
[
  node
  [
    id A
    label "Ä & ✅"
    version 1.2.3
  ]
  node [ id B-1 ]
  edge
  [
    source B-1
    target A
  ]
]
