import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFLanguages;
import org.apache.jena.riot.RDFParser;

/** Prints how many triples Jena reads from each file: LANGUAGE FILE LANGUAGE FILE ... */
public class JenaCount {
    public static void main(String[] arguments) {
        for (int place = 0; place < arguments.length; place += 2) {
            Lang language = RDFLanguages.nameToLang(arguments[place]);
            Model model = ModelFactory.createDefaultModel();
            RDFParser.source(arguments[place + 1]).forceLang(language).strict(true).parse(model);
            System.out.println(model.size());
        }
    }
}
