Creator	"yFiles"
Version	"2.18"
graph
[
	hierarchic	1
	label	""
	directed	1
	node
	[
		id	0
		label	"Inner #1"
		graphics
		[
			x	15.0
			y	-125.5
			w	30.0
			fill	"#FFCC00"
		]
		LabelGraphics
		[
			text	"Inner #1"
		]
		gid	1
	]
	node
	[
		id	1
		graphics
		[
			x	59.8
			y	70.4E0
		]
		LabelGraphics
		[
			text	"A &quot;group&quot;
of two lines"
		]
		isGroup	1
	]
	edge
	[
		source	0
		target	1
		label	"edge 2"
		value 42
		graphics
		[
			Line
			[
				point
				[
					x	15.0
					y	125.4
				]
			]
		]
	]
	edge
	[
		source	0
		target	1
		value 1.5
	]
]
