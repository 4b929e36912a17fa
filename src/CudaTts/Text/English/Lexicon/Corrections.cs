namespace CudaTts.Text.English.Lexicon;

/// <summary>
/// Words of which CMUdict's first pronunciation is a slip, a rare one, or that of another word of the same spelling. Heteronyms have the sound here
/// that longer words made of them have: windproof, leader's.
/// </summary>
internal static class Corrections
{
    /// <summary>The phones of a word; null when the dictionary is right.</summary>
    public static string? Find(string word) => word switch
    {
        "accent" => "AE1 K S EH2 N T",
        "admins" => "AE1 D M IH2 N Z",
        "advertisement" => "AE2 D V ER0 T AY1 Z M AH0 N T",
        "bowing" => "B AW1 IH0 NG",
        "buffet" => "B AH0 F EY1",
        "buffets" => "B AH0 F EY1 Z",
        "costume" => "K AA1 S T UW2 M",
        "costumes" => "K AA1 S T UW2 M Z",
        "decade" => "D EH1 K EY0 D",
        "decades" => "D EH1 K EY0 D Z",
        "detach" => "D IH0 T AE1 CH",
        "determinate" => "D IH0 T ER1 M AH0 N AH0 T",
        "entranced" => "EH0 N T R AE1 N S T",
        "finagle" => "F AH0 N EY1 G AH0 L",
        "illuminate" => "IH2 L UW1 M AH0 N EY2 T",
        "invalid" => "IH0 N V AE1 L AH0 D",
        "jagged" => "JH AE1 G AH0 D",
        "lead" => "L IY1 D",
        "live" => "L IH1 V",
        "memes" => "M IY1 M Z",
        "nominate" => "N AA1 M AH0 N EY2 T",
        "outweigh" => "AW2 T W EY1",
        "outweighed" => "AW2 T W EY1 D",
        "outweighs" => "AW2 T W EY1 Z",
        "perfect" => "P ER1 F IH2 K T",
        "prolog" => "P R OW1 L AA2 G",
        "purport" => "P ER0 P AO1 R T",
        "radiate" => "R EY1 D IY0 EY2 T",
        "read" => "R IY1 D",
        "reread" => "R IY0 R IY1 D",
        "retort" => "R IH0 T AO1 R T",
        "simulate" => "S IH1 M Y AH0 L EY2 T",
        "rewound" => "R IY0 W AW1 N D",
        "steroid" => "S T EH1 R OY2 D",
        "steroids" => "S T EH1 R OY2 D Z",
        "subject" => "S AH1 B JH IH0 K T",
        "unite" => "Y UW0 N AY1 T",
        "upright" => "AH1 P R AY2 T",
        "wind" => "W IH1 N D",
        "wound" => "W UW1 N D",
        _ => null,
    };
}
