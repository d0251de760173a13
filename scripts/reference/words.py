"""The words that the small test models know."""

STOP_WORDS = """
a about after all also an and any are as at be because been before being but by can could did do does for from had
has have he her him his how i if in into is it its just more most much must no not of on one only or other our out
over she should so some such than that the their them then there these they this those to under up very was we were
what when where which while who whom whose why will with would you your
""".split()

SUFFIXES = "s es ed ing er est ly al ion tion ment ness able ous ive ful less y en ian th st nd rd".split()

WORDS = """
add address age agreement air airport amount animal answer apple april architect area army arrive art artist august
author autumn baby bake balance bank bark base battle bay beach bear bed bee beer bell bicycle big bill bird birth
black blood blue boat body boil bone book border born bottle bowl box boy branch brass bread break breakfast bridge
bright bring brother brown browser budget build building built burn bus butter button buy cake called camera canal
capital captain car card cargo carry castle cat cause cell central century chair change chapter cheap cheese chemical
child children choose church cigarette circle citation city class clay clean clear clerk clock close cloth cloud coal
coast coat code coffee coin cold collect college colour column company complete composer computer contract cook copper
copy corn corner cost cotton count country court cover cow cream crew crop cross crown cup customer cut daily damage
dance danger dark date daughter day deadline dear death december deep deer degree deliver delivery dentist desert
design desk diamond dinner direction director discount disease distance doctor document dog dollar door dough draw
drawing dream dress drink drive driver drum dry duck dust early earth earthquake east eat edge egg eight election
electric elephant email emperor empire employee empty end energy engine engineer england english enter error evening
event exam exercise eye face factory fall family famous far farm farmer fast father february fee feet female ferry
fever field fifty fight file film fine finger finish fire first fish fishing five flag flame flat flight floor flour
flower fly fog food foot football forest form founded four fox france free french fresh friday friend frog front
frost fruit fuel full garden gas gate german germany girl glacier glass goat god gold good government grain grandmother
grape grass great green grey ground group grow guard guest guide guitar hair half hall hammer hand happy harbour hard
harvest hat head health heart heat heavy height help high hill history hold holiday home honey horse hospital hot hotel
hour house human hundred hunt husband ice idea index industry insect inside insurance interest invented invoice iron
island january job journey judge juice july jump june jury keep keeper key kill kilometre king kitchen knife know
laboratory lake lamp land language large last late law lawyer lazy leaf learn leather leave left leg lemon letter
library licence lid life light lighthouse limit line lion lip list live local located lock long lose loss love low
lunch machine main make male manager map marble march market marriage married mat maximum meat medical medicine meet
meeting melt member memory metal meter metre mice middle mile milk mill million mine minister minute mirror model
modern molecule monday money monk month moon morning mother motor mountain mouse mouth move movie museum music name
narrow nation near needle nest net new news newspaper night nine noble noon north nose notice novel november number
nurse oak ocean october office officer oil old open opera orange order ore organ oven owl owner oxygen page paint
painter painting palace paper parent park part party passage password patient pay payment peace pen penalty people
pepper percent period person phone photo piano picture pig pilot pipe place plan planet plant plastic plate play player
poem poet point poison police pool poor port potato pot pound power president press pressure price prince princess
print prison prize process product professor project protein province public pupil quality quantity queen question
quick quiet rabbit radio rain rat read rectangle red refund religion rent report republic reservoir restaurant return
rice rich right ring rise river road rock roof room root rope rose round route rule run runway russia sail sailor salad
salary salt sand saturday school science scientist sea search season seat second secret sell send sentence september
server service seven shape share sharp sheep shelf ship shirt shoe shop short show sick side signal silk silver simple
sing singer single sister six size skin sky sleep slow small smell smoke snake snow soap soccer soft soil soldier song
soup source south space spain speak speed spider spoon sport spring square staff stair star start state station statue
steam steel stem step stomach stone stop store storm story stove street string strong student study sugar suit summer
sun sunday support surface surgery sweet swim sword table tail tall tax tea teach teacher team telephone temperature
temple ten tenant test text theatre thick thin thousand three thunder thursday ticket tide tiger timber time tin tired
tobacco today tomato tomorrow tool tooth tower town trade train transport travel treaty tree triangle tube tuesday two
uncle uniform union university vaccine valley value vegetable vehicle vessel village vinegar violin virus visit visitor
vitamin voice volcano vote wagon walk wall war warm warranty wash waste watch water wave weather web wednesday week
weight west wheat wheel white whole wide wife wild win wind window wine wing winter wire woman wood wool word work
worker world worm wound write writer wrong year yeast yellow young zero zinc zoo
""".split()
